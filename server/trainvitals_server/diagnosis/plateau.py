"""What passes: a plateau that a recurrent network is yet to leave, and a rise of the loss that it may recover from."""

from typing import TYPE_CHECKING

import numpy as np

from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.threshold import Thresholds
from trainvitals_server.diagnosis.window import Window, running_mean, window_size

if TYPE_CHECKING:
    from trainvitals_server.diagnosis.loss import Loss


def waits_for_long(loss: "Loss") -> bool:
    """Whether a recurrent network is at chance, no worse, and has not been for too long.

    Too high a rate throws outputs about, which costs more than knowing nothing; having yet to find what is carried over
    many steps costs as much.
    """
    if not loss.recurrent or loss.chance is None or loss.above_chance:
        return False
    return loss.may_wait or lately_better(loss)


def lately_better(loss: "Loss") -> bool:
    """Whether the loss of a recurrent network was clearly better than chance not long ago, and still is no worse.

    What it begins to carry over many steps it may lose once or twice before it holds.
    """
    if not loss.recurrent or loss.chance is None or loss.windows is None or loss.above_chance:
        return False
    n = window_size(loss.finite, loss.windowing)
    end = int(np.argmin(running_mean(loss.finite, n).values)) + n
    best = Window.of(History(loss.finite.steps[end - n : end], loss.finite.values[end - n : end]))
    least, patience = (1 - loss.thresholds["progress_min"]) * loss.chance, loss.thresholds["settling"]
    if loss.step - int(loss.finite.steps[end - 1]) > patience * loss.warm_up_steps:
        return False
    return best.mean + loss.windowing["significance"] * best.error < least


def came_down(loss: "Loss", onset: int, rate: Thresholds) -> bool:
    """Whether the loss rose for a few steps soon after a step, and is clearly better than chance ever since.

    One steep place throws a recurrent network for some steps, clipped or not (Pascanu et al. 2013). `rate`: the
    thresholds of the rule learning_rate.
    """
    if not loss.reference:
        return False
    since = loss.finite.between(onset + 1, loss.step)
    high = np.flatnonzero(since.values > rate["loss_rise"] * loss.reference)
    early = high[since.steps[high] <= onset + rate["rise_steps"]]
    if not len(early) or len(early) > rate["spike_points"]:
        return False
    after = since.last(len(since) - int(early[-1]) - 1)
    if len(after) < rate["rise_steps"]:
        return False
    late = Window.of(after)
    return late.mean + 2 * late.error < loss.thresholds["chance_share"] * loss.reference


def may_recover(loss: "Loss", late: Window, best_step: int) -> bool:
    """Whether the loss of a recurrent network rose from its best not long ago, and is still clearly below chance.

    A step over a cliff costs it some of what it had learned, not all (Pascanu et al. 2013).
    """
    level = loss.chance or loss.reference
    if not loss.recurrent or not level:
        return False
    kept = late.mean + loss.windowing["significance"] * late.error < loss.thresholds["learned_share"] * level
    return kept and loss.step - best_step < loss.thresholds["settling"] * loss.warm_up_steps


def comes_and_goes(loss: "Loss", late: Window, best_step: int) -> bool:
    """Whether the loss rose with a learning rate that goes up and down, and had been as high before the loss came down.

    At the top of each cycle the loss is higher, and falls again with the rate (Smith 2017, section 3).
    """
    rate = loss.learning_rate.finite()
    before, since = rate.between(0, best_step).values, rate.between(best_step + 1, loss.step).values
    if not len(before) or not len(since) or not loss.reference:
        return False
    low = before[-max(1, len(before) // 2) :].min()
    # It is down again where it is nearer to its least than to its greatest, by factors.
    up = since[-1] > 0 and since[-1] ** 2 > low * since.max() and since.max() > 2 * low
    kept = late.mean + loss.windowing["significance"] * late.error < loss.thresholds["learned_share"] * loss.reference
    return bool(up and kept and since.max() <= 1.1 * before.max())
