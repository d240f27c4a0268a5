"""What moved first towards a spike, or the first value that is not finite: which number of which layer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.signals import Signals
from trainvitals_server.diagnosis.table import Table

LOOKED_BACK = 64
"""Steps before the event that are searched (DIAGNOSIS.md, forensics)."""
USUAL_MIN = 3
"""Samples before a leap from which its usual size is known."""
LEAP = 10.0
"""What is so many times its usual size has moved: an order of magnitude, as everywhere in this diagnosis."""
GRADUAL_STEPS = 3
"""A move that was already half made (in orders of magnitude) so many steps before was no single batch's doing."""


@dataclass(frozen=True, slots=True)
class Move:
    """The first number that left its usual size, at `step`: that of `owner`, `times` its usual size."""

    kind: str
    owner: str
    step: int
    times: float
    sudden: bool

    @property
    def words(self) -> str:
        """To be read after "the first to move was"."""
        way = "from one step to the next" if self.sudden else "over several steps"
        return f"the {self.kind} of {self.owner} at step {self.step}, to {self.times:.2g} times its usual, {way}"


def first_move(signals: Signals, step: int) -> Move | None:
    """What moved first before a step, or in it; None where nothing did, or too little is known.

    Within one step the order is that of training: outputs forward, then gradients backward, then updates.
    """
    layers = [layer["name"] for layer in signals.network.layers]
    weights = [weight.name for weight in signals.network.weights]
    moves = (
        _earliest(signals, "activation_std", "output", layers, step),
        _earliest(signals, "gradient_norm", "gradient", weights[::-1], step),
        _earliest(signals, "update_norm", "update", weights[::-1], step),
    )
    return min((move for move in moves if move is not None), key=lambda move: move.step, default=None)


def _earliest(signals: Signals, statistic: str, kind: str, owners: Sequence[str], step: int) -> Move | None:
    known = signals.owners(statistic)
    chosen = tuple(owner for owner in owners if owner in known)
    steps, values = _before(signals.table(statistic, chosen), step) if chosen else (np.empty(0, np.int64), None)
    if values is None or len(steps) <= USUAL_MIN:
        return None
    size = np.abs(values)
    usual = np.stack([np.median(size[:, :place], axis=1) for place in range(USUAL_MIN, len(steps))], axis=1)
    late = size[:, USUAL_MIN:]
    with np.errstate(invalid="ignore"):
        moved = (late > LEAP * usual) & (usual > 0)
    if not moved.any():
        return None
    column = int(moved.any(axis=0).argmax())
    row = int(moved[:, column].argmax())
    times = float(late[row, column] / usual[row, column])
    before = late[row, max(0, column - GRADUAL_STEPS) : column]
    sudden = not (before > np.sqrt(times) * usual[row, column]).any()
    return Move(kind, chosen[row], int(steps[USUAL_MIN + column]), times, sudden)


def _before(table: Table, step: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The samples of the last steps up to one."""
    low, high = np.searchsorted(table.steps, [step - LOOKED_BACK, step + 1])
    return table.steps[low:high], table.values[:, low:high]


def odd_batch(signals: Signals, step: int) -> str | None:
    """What tells the batch of a step from those before it, None where nothing does."""
    for key, words in (("input_std", "input"), ("target_std", "target")):
        history = signals.history(key).between(step - LOOKED_BACK, step)
        before = history.between(step - LOOKED_BACK, step - 1).finite().values
        if not len(history) or history.steps[-1] != step or len(before) < USUAL_MIN:
            continue
        usual, now = float(np.median(before)), float(history.values[-1])
        if not np.isfinite(now):
            return f"the {words} of that step is not finite"
        if now > LEAP * usual > 0:
            return f"the std of that step's {words} is {now:.3g}, {usual:.3g} before: one batch did it"
    return None


def grew(history: History, since: int, step: int, factor: float) -> tuple[float, float] | None:
    """From what to what a series grew by `factor` or more in the steps from `since` up to before `step`, else None."""
    values = np.abs(history.between(since, step - 1).finite().values)
    if len(values) < 2:
        return None
    first, last = float(np.median(values[: max(1, len(values) // 3)])), float(values[-3:].max())
    return (first, last) if last >= factor * first > 0 else None


def rate_leap(signals: Signals, since: int, until: int) -> tuple[int, float, float] | None:
    """The step at which the learning rate leapt up by an order of magnitude at once, and from what to what.

    A warm-up raises it step by step; a first value near zero is the begin of one.
    """
    rate = signals.learning_rate.between(since, until).finite()
    if len(rate) < 2:
        return None
    before, after = rate.values[:-1], rate.values[1:]
    leaps = np.flatnonzero((after >= LEAP * before) & (before > 0) & (after >= rate.values.max() / 2))
    if not len(leaps):
        return None
    place = int(leaps[0])
    return int(rate.steps[place + 1]), float(before[place]), float(after[place])
