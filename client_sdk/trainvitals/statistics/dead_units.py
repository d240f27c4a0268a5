"""The share of a layer's units that were never positive in a window: exact, per unit.

A unit is a channel of a convolution or a feature of a linear layer. A share of zeros is not death: a healthy unit is
silent for many inputs, a dead one for all. Of a rectifying layer these units are dead; of a linear layer, where a
rectifier follows that is no layer.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from trainvitals.capture.observation import Column, Measured, Observation

APART = True
"""Nothing is said of the first samples, and large outputs are looked at whole at some samples only."""
WINDOW_STEPS = 16
"""Over how many sampled steps a unit must have been silent."""
STEPS_MIN, STEPS_ENOUGH = 4, 8
VALUES_MIN = 1_000
"""What the window must hold before anything is said: so many steps with so many values, or enough steps."""


class Window:
    """The last sampled steps of one layer: at which of them each unit was positive last."""

    def __init__(self, units: int) -> None:
        self._last = np.full(units, -WINDOW_STEPS)
        self._values: deque[int] = deque(maxlen=WINDOW_STEPS)
        self._step = 0

    @property
    def units(self) -> int:
        return len(self._last)

    def silent(self, peaks: NDArray[np.float32], values: int) -> float | None:
        """The share of units silent in the window that this step closes; None while it holds too little."""
        self._step += 1
        self._last[~(peaks <= 0)] = self._step
        self._values.append(values)
        steps = len(self._values)
        if steps < STEPS_ENOUGH and (steps < STEPS_MIN or sum(self._values) < VALUES_MIN):
            return None
        return int(np.count_nonzero(self._last <= self._step - WINDOW_STEPS)) / max(1, self.units)


def measure(seen: Observation) -> Measured:
    windows: dict[str, Window] = seen.memory.setdefault("dead_units", {})
    found: dict[str, float] = {}
    for owner, whole in seen.whole.items():
        if whole.peaks is not None:
            window = windows.get(owner)
            if window is None or window.units != len(whole.peaks):
                window = windows[owner] = Window(len(whole.peaks))
            share = window.silent(whole.peaks, whole.values)
            if share is not None:
                found[owner] = share
    dead = {owner: share for owner, share in found.items() if owner in seen.rectifying}
    rest = {owner: share for owner, share in found.items() if owner not in seen.rectifying}
    for statistic, shares in (("dead_unit_fraction", dead), ("nonpositive_unit_fraction", rest)):
        if shares:
            yield Column(statistic, tuple(shares), np.array(list(shares.values())))
