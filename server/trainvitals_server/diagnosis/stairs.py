"""A loss that falls between passes over the data and not within them: samples are learned by heart, nothing else."""

import math
from functools import partial
from typing import NamedTuple

import numpy as np

from trainvitals_server.diagnosis.block import Floats
from trainvitals_server.diagnosis.pass_length import pass_lengths
from trainvitals_server.diagnosis.rule import Thresholds
from trainvitals_server.diagnosis.signals import Signals

THIRD = 3
STEPS_MAX = 2048
"""Later steps are not looked at: what was learned by heart at first stays so, and the first losses are forgotten."""


class Stairs(NamedTuple):
    """`fall`: by how much the loss fell from the end of the first pass to the last of `passes`, each of `steps`.

    `rise`: by how much it rose within a pass, in the mean, which is so many standard errors above a steady fall:
    `clear`.
    """

    steps: int
    passes: int
    fall: float
    rise: float
    clear: float


def stairs(signals: Signals, thresholds: Thresholds) -> Stairs | None:
    """What a network does that can only learn samples by heart, while most of the loss is still there.

    In the first pass no sample was seen before: what is held out is all that it sees, and the loss stays at chance.
    Later a sample is better known than at its last visit, and forgotten a little in between: the loss falls from pass
    to pass and rises within them. What holds for other samples too lets the loss fall within a pass as between two.
    """
    found = [
        signals.at_start(("stairs", length, passes), partial(_stairs, signals, length, passes, thresholds))
        for length in signals.once(pass_lengths)
        if length >= thresholds["pass_steps"]
        and (passes := min(signals.step + 1, STEPS_MAX) // length) >= thresholds["passes"]
    ]
    # Only at the right length the edges are sharp.
    return max(filter(None, found), key=lambda one: one.clear, default=None)


def _stairs(signals: Signals, length: int, passes: int, thresholds: Thresholds) -> Stairs | None:
    values = _each_step(signals)[: passes * length]
    if len(values) < thresholds["passes"] * length:
        return None
    table = values[: len(values) // length * length].reshape(-1, length)
    means = table.mean(axis=1)
    if not means[0] > 0 or not _learned_nothing(signals, table[0], thresholds):
        return None
    low = np.flatnonzero(means < thresholds["kept"] * means[0])
    table = table[: low[0]] if len(low) else table
    passes = len(table)
    if passes < thresholds["passes"]:
        return None
    third = length // THIRD
    noise = float((table - table.mean(axis=1, keepdims=True)).std(ddof=passes))
    late = float(table[0, length // 2 :].mean())
    fall = late - float(table[-1].mean())
    rise = float((table[1:, -third:].mean(axis=1) - table[1:, :third].mean(axis=1)).mean())
    # From the middle of the first third to that of the last it is two thirds of a pass.
    steady = -2 / 3 * fall / (passes - 1)
    clear = (rise - steady) / (noise * math.sqrt(2 / third / (passes - 1)))
    if rise < 0 or fall < thresholds["fall"] * noise * math.sqrt(3 / length) or clear < thresholds["steady"]:
        return None
    return Stairs(length, passes, fall, rise, clear)


def _each_step(signals: Signals) -> Floats:
    """The loss at each step from the first on; empty where it is not known so."""
    for loss in (signals.loss.finite, signals.history("criterion_loss").finite()):
        if len(loss) and loss.steps[0] <= 1 and int(loss.steps[-1] - loss.steps[0]) == len(loss) - 1:
            return loss.values
    return np.empty(0)


def _learned_nothing(signals: Signals, first: Floats, thresholds: Thresholds) -> bool:
    """Whether the loss is at chance, or where it began, in the later half of the first pass."""
    chance, begun = signals.loss.chance, float(first[: len(first) // THIRD].mean())
    return float(first[len(first) // 2 :].mean()) >= thresholds["first_pass"] * min(begun, chance or begun)
