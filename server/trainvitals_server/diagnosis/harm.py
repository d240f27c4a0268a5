"""Evidence in the loss that training fails, without which a symptom is only a note."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.plateau import comes_and_goes, lately_better, may_recover
from trainvitals_server.diagnosis.window import Window, running_mean, trend, window_size
from trainvitals_wire.records import Severity

if TYPE_CHECKING:
    from trainvitals_server.diagnosis.loss import Loss

PEAK_POINTS = 5
"""Points of the mean whose highest value is the peak."""
HarmKind = Literal["non_finite", "diverging", "at_chance", "no_progress"]


@dataclass(frozen=True, slots=True)
class Harm:
    """What the loss shows, since when, and how bad that may make a warning."""

    kind: HarmKind
    first_step: int
    value: float
    why: str
    worst: Severity


def of(loss: "Loss") -> Harm | None:
    """The worst that the loss shows: non-finite, diverging, no better than chance, or no progress."""
    return (
        non_finite(loss)
        or diverging(loss)
        or risen(loss)
        or far_above_chance(loss)
        or at_chance(loss)
        or above_chance(loss)
        or unexplained(loss)
        or no_progress(loss)
    )


def stall(loss: "Loss") -> Harm | None:
    """The loss has stopped falling, or never recovered from a leap, while more than half of it is left.

    Many sound trainings end so; only together with a symptom that blocks learning is it evidence of harm.
    """
    limits = loss.thresholds
    # Both windows lie behind the warm-up.
    if loss.windows is None or loss.step < limits["settling"] * loss.warm_up_steps or not loss.reference or loss.game:
        return None
    late = loss.windows[1]
    # Swings of the loss hide its mean to other judgements; here it need only be known to be high.
    if late.mean - 2 * late.error < limits["stalled_share"] * loss.reference:
        return None
    if loss.falling:
        leap = _leap(loss)
        if leap is None:
            return None
        why = f"the loss leapt to {leap:.3g} times its start at first, and is still at {late.mean:.3g}"
    elif loss.comes_down:
        return None
    else:
        why = f"the loss has stopped falling at {late.mean:.3g}"
    return Harm("no_progress", late.first_step, late.mean, why, "warning")


def crawls(loss: "Loss") -> bool:
    """Whether at the pace of its last windows more than half of the loss would be left after half as many steps again.

    A fall that never ends hides no stall, where a symptom says what the network cannot do.
    """
    limits = loss.thresholds
    if loss.windows is None or loss.step < limits["settling"] * loss.warm_up_steps or not loss.reference or loss.game:
        return False
    older, late = loss.windows
    fall = max(0.0, older.mean - late.mean) / max(1, late.first_step - older.first_step)
    least = late.mean - 2 * late.error - fall * limits["pace"] * loss.step
    return least >= limits["stalled_share"] * loss.reference


def _leap(loss: "Loss") -> float | None:
    """By what factor the loss leapt in its first steps (the third highest value), None where it did not."""
    limits = loss.thresholds
    early = np.sort(loss.history.between(0, int(limits["leap_steps"])).values)
    points = int(limits["non_finite_points"])
    if len(early) < points or not loss.reference or loss.reference < 0:
        return None
    factor = float(early[-points]) / loss.height(loss.reference, int(limits["leap_steps"]))
    return factor if factor >= limits["leap_factor"] else None


def non_finite(loss: "Loss") -> Harm | None:
    """The loss is not finite in most of its last points."""
    limits = loss.thresholds
    steps, bad = loss.history.steps, ~np.isfinite(loss.history.values)
    if bad[-5:].sum() < min(limits["non_finite_points"], len(bad)) or not bad.any():
        return None
    last_good = int(np.flatnonzero(~bad)[-1]) if not bad.all() else -1
    first_bad = last_good + 1 if bad[-1] else len(bad) - 5 + int(np.argmax(bad[-5:]))
    first = int(steps[first_bad])
    return Harm("non_finite", first, math.nan, f"the loss is not finite since step {first}", "critical")


def diverging(loss: "Loss") -> Harm | None:
    """The loss lies far above that of an untrained network."""
    limits = loss.thresholds
    if loss.windows is None or loss.reference is None or loss.reference <= 0 or loss.game:
        return None
    # Of a loss about 0 the greatest of the first values is the only measure there is.
    height = max(loss.reference, float(np.abs(loss.finite.values[:10]).max())) if loss.signed else loss.reference
    (older, late), limit = loss.windows, limits["diverged_factor"] * height
    # A loss that falls fast from far above, as after a wild start, may still come down.
    recovering = late.below(older, loss.windowing) and late.mean < limits["recovering_share"] * older.mean
    recovering = recovering or loss.comes_down
    if late.mean - loss.windowing["significance"] * late.error <= limit or recovering:
        return None
    first = _since_above(loss, limit)
    why = f"the loss is {late.mean:.3g}, above the {loss.reference:.3g} of an untrained network, since step {first}"
    return Harm("diverging", first, late.mean, why, "critical")


def risen(loss: "Loss") -> Harm | None:
    """The loss came down and has gone up again, far beyond its noise.

    Not in the first steps: a term that starts near 0, as of codes that the encoder has yet to spread over, grows first.
    """
    limits = loss.thresholds
    if loss.warming_up:
        return None
    if loss.windows is None or loss.reference is None or loss.reference <= 0 or loss.game or loss.comes_down:
        return None
    late = loss.windows[1]
    means = running_mean(loss.finite, window_size(loss.finite, loss.windowing))
    best = float(means.values.min())
    up = late.mean - best
    # A loss that hovers about zero has no best to be measured by.
    if (
        best <= 0
        or up < limits["risen_share"] * loss.reference
        or late.mean < limits["diverged_factor"] * best
        or up < 2 * loss.windowing["significance"] * late.error
    ):
        return None
    first = int(means.steps[int(np.argmin(means.values))])
    if may_recover(loss, late, first) or comes_and_goes(loss, late, first):
        return None
    why = f"the loss rose from {best:.3g} to {late.mean:.3g} since step {first}"
    return Harm("diverging", first, late.mean, why, "warning")


def comes_down(loss: "Loss") -> bool:
    """Whether the loss falls since its peak in the last window: a new task, or harder samples, and it is learned."""
    last = loss.finite.last(window_size(loss.finite, loss.windowing))
    smooth = running_mean(last, PEAK_POINTS)
    since = last.between(int(smooth.steps[int(np.argmax(smooth.values))]), loss.step) if len(smooth) else last
    return len(since) >= loss.windowing["points_min"] and trend(since) < -loss.windowing["significance"]


def far_above_chance(loss: "Loss") -> Harm | None:
    """The criterion is many times what knowing nothing costs, long after the first steps, whether it falls or not."""
    points, limits = loss.of_criterion.finite(), loss.thresholds
    n = window_size(points, loss.windowing)
    if not n or loss.chance is None or loss.warming_up or loss.game:
        return None
    late, limit = Window.of(points.last(n)), limits["far_above"] * loss.chance
    if late.mean - loss.windowing["significance"] * late.error <= limit or float(points.values[-1]) <= limit:
        return None
    above = np.flatnonzero(running_mean(points, n).values <= limit)
    first = int(points.steps[above[-1] + n]) if len(above) and above[-1] + n < len(points) else int(points.steps[0])
    why = f"the loss is {late.mean:.3g}, {late.mean / loss.chance:.3g} times the {loss.chance:.3g} of chance"
    return Harm("diverging", first, late.mean, why, "warning")


def _just_came_down(loss: "Loss", chance: float) -> bool:
    """Whether a loss from far above chance has only just reached it: the first steps went into coming down."""
    limits = loss.thresholds
    if loss.start is None or loss.start <= limits["diverged_factor"] * max(chance, loss.untrained):
        return False
    reached = np.flatnonzero(running_mean(loss.finite, 5).values <= limits["near_chance"] * chance)
    arrived = int(loss.finite.steps[reached[0] + 4]) if len(reached) else loss.step
    return loss.step - arrived < limits["settling"] * loss.warm_up_steps


def at_chance(loss: "Loss") -> Harm | None:
    """The loss is no better than that of a network that knows nothing but the targets' distribution."""
    limits = loss.thresholds
    late = loss.level
    if late is None or loss.chance is None or loss.warming_up or loss.start is None or loss.game:
        return None
    # A loss on another scale than the criterion's must not pass for chance: after a deep fall only a close match
    # counts.
    near = late.mean <= limits["near_chance"] * loss.chance or late.mean > limits["scale_left"] * loss.start
    if (
        late.mean < limits["chance_share"] * loss.chance
        or loss.falling
        or not near
        or _just_came_down(loss, loss.chance)
    ):
        return None
    why = f"the loss is {late.mean:.3g}, no better than the {loss.chance:.3g} of chance"
    return Harm("at_chance", _since_above(loss, limits["chance_share"] * loss.chance), late.mean, why, "warning")


def above_chance(loss: "Loss") -> Harm | None:
    """The criterion is worse than knowing nothing, long after the first steps, and at its pace will be so for long."""
    points, limits = loss.of_criterion.finite(), loss.thresholds
    n = window_size(points, loss.windowing)
    if not n or loss.chance is None or loss.chance <= 0 or loss.step < limits["settling"] * loss.warm_up_steps:
        return None
    late, older = Window.of(points.last(n)), Window.of(History(points.steps[-2 * n : -n], points.values[-2 * n : -n]))
    certain = late.mean - loss.windowing["significance"] * late.error > loss.chance
    if not certain or loss.game:
        return None
    fall = (older.mean - late.mean) / max(1, late.first_step - older.first_step)
    if late.mean - fall * limits["pace"] * loss.step < loss.chance:
        return None
    why = f"the loss is {late.mean:.3g}, above the {loss.chance:.3g} of chance"
    return Harm("at_chance", _since_above(loss, loss.chance), late.mean, why, "warning")


def unexplained(loss: "Loss") -> Harm | None:
    """The squared error is that of naming the targets' mean, batch for batch, so that their spread hides nothing."""
    mean, std = loss.of_targets
    if loss.chance is None or loss.warming_up or loss.game or loss.falling or not loss.squared:
        return None
    looks = mean.between(loss.warm_up_steps, loss.step)
    own, looks = loss.of_criterion.finite().beside(looks)
    _, spread = looks.beside(std)
    if len(looks) < loss.windowing["points_min"] or len(spread) != len(looks):
        return None
    known = spread.values**2 + (looks.values - mean.values.mean()) ** 2
    size = float(known.mean())
    apart = Window.of(History(looks.steps, own.values - known))
    least = -(1 - loss.thresholds["chance_share"]) * size
    if size <= 0 or apart.mean < least or apart.error > loss.thresholds["error_max"] * size:
        return None
    why = f"the loss is {own.values.mean():.3g}, and {size:.3g} where the targets' mean is the answer to each"
    return Harm("at_chance", int(looks.steps[0]), float(own.values.mean()), why, "warning")


def no_progress(loss: "Loss") -> Harm | None:
    """The loss is where it began, and a fall worth the name can be excluded."""
    limits = loss.thresholds
    if loss.windows is None or loss.muted or loss.reference is None or loss.goes_on or loss.game:
        return None
    older, late = loss.windows
    start = Window.of(loss.finite.first(window_size(loss.finite, loss.windowing)))
    fall, noise = start.mean - late.mean, math.hypot(start.error, late.error)
    height = abs(loss.reference)
    if fall > limits["fall_seen"] * height or fall + 2 * noise > limits["progress_min"] * height:
        return None
    # A loss that hovers about zero in its own noise has no level to judge.
    tells_level = abs(late.mean) > loss.windowing["significance"] * late.std
    better_than_chance = loss.chance is not None and late.mean < limits["learned_share"] * loss.chance
    if lately_better(loss):
        return None
    if late.below(start, loss.windowing) or late.below(older, loss.windowing) or not tells_level or better_than_chance:
        return None
    why = f"the loss is {late.mean:.3g} and started at {start.mean:.3g}: no change beyond its noise"
    return Harm("no_progress", start.first_step, late.mean, why, "warning")


def _since_above(loss: "Loss", limit: float) -> int:
    """The step since which the smoothed loss has stayed above a limit."""
    steps = loss.finite.steps
    n = max(1, min(5, len(steps) // 10))
    below = np.flatnonzero(running_mean(loss.finite, n).values < limit)
    return int(steps[min(len(steps) - 1, below[-1] + n)]) if len(below) else int(steps[0])
