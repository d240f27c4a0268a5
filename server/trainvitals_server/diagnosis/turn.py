"""Where the validation loss turned while the training loss went on falling."""

from dataclasses import dataclass

import numpy as np

from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.rule import Thresholds
from trainvitals_server.diagnosis.signals import Signals


@dataclass(frozen=True, slots=True)
class Turn:
    """The step of the best validation loss, its value there and now, the share of its gain lost again, its start."""

    step: int
    best: float
    now: float
    lost: float
    start: float


def turned(signals: Signals) -> Turn | None:
    """The turn of the validation loss, None while there is none or the training loss is not clearly lower since."""
    thresholds = signals.thresholds["overfitting"]
    turn = _turn(signals.validation_loss.finite(), signals.loss.reference, thresholds)
    fell = turn is not None and _training_fell(signals.loss.finite, turn.step, thresholds["noise"])
    return turn if fell else None


def turned_above_chance(signals: Signals) -> bool:
    """Whether the validation loss turned before it had ever beaten chance: all that was learned holds for no other."""
    turn, chance = signals.once(turned), signals.loss.chance
    return turn is not None and chance is not None and turn.best >= chance


def _turn(loss: History, untrained: float | None, thresholds: Thresholds) -> Turn | None:
    """The turn of the validation loss, None while there is none beyond its own noise.

    What it gained is counted from the loss of the untrained network: the first evaluation may come late.
    """
    if len(loss) < thresholds["points"]:
        return None
    smoothed = int(thresholds["smoothed"])
    windows = np.lib.stride_tricks.sliding_window_view(loss.values, smoothed)
    smooth = np.median(windows, axis=1)
    best = int(np.argmin(smooth))
    noise = float(np.median(np.abs(loss.values[1:-1] - smooth))) + 1e-12
    now, least = float(smooth[-1]), float(smooth[best])
    start = max(float(loss.values[0]), untrained or 0.0)
    lost = (now - least) / max(start - least, 1e-12)
    later = smooth[best + smoothed :]
    if len(later) < smoothed or lost < thresholds["gain_lost"] or now - least < thresholds["noise"] * noise:
        return None
    return Turn(int(loss.steps[best + smoothed // 2]), least, now, lost, start)


def _training_fell(loss: History, since: int, errors: float) -> bool:
    """Whether the training loss is clearly lower than it was at a step (means of a tenth of the points there)."""
    n = max(5, len(loss) // 10)
    middle = int(np.searchsorted(loss.steps, since))
    then, now = loss.values[max(0, middle - n // 2) : middle + n // 2], loss.values[-n:]
    if len(then) < 2 or len(now) < 2:
        return False
    noise = float(np.hypot(then.std(ddof=1) / np.sqrt(len(then)), now.std(ddof=1) / np.sqrt(len(now))))
    return float(then.mean() - now.mean()) > errors * noise
