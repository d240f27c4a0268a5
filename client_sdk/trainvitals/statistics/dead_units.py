"""The share of a layer's units that were never positive in a window: exact, per unit.

A unit is a channel of a convolution or a feature of a linear layer. A share of zeros is not death: a healthy unit is
silent for many inputs, a dead one for all. Of a rectifying layer these units are dead; of a linear layer, where a
rectifier follows that is no layer.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from trainvitals.capture.observation import Column, Measured, Observation

WINDOW_STEPS = 16
"""Over how many sampled steps a unit must have been silent."""
STEPS_MIN, STEPS_ENOUGH = 4, 8
VALUES_MIN = 1_000
"""What the window must hold before anything is said: so many steps with so many values, or enough steps."""

Window = deque[tuple[NDArray[np.bool_], int]]


def measure(seen: Observation) -> Measured:
    windows: dict[str, Window] = seen.memory.setdefault("dead_units", {})
    found: dict[str, float] = {}
    for owner, whole in seen.whole.items():
        if whole.peaks is not None:
            share = _silent(windows.setdefault(owner, deque(maxlen=WINDOW_STEPS)), whole.peaks, whole.values)
            if share is not None:
                found[owner] = share
    dead = {owner: share for owner, share in found.items() if owner in seen.rectifying}
    rest = {owner: share for owner, share in found.items() if owner not in seen.rectifying}
    for statistic, shares in (("dead_unit_fraction", dead), ("nonpositive_unit_fraction", rest)):
        if shares:
            yield Column(statistic, tuple(shares), np.array(list(shares.values())))


def _silent(window: Window, peaks: NDArray[np.float32], values: int) -> float | None:
    """The share of units silent in the window that this step closes; None while it holds too little."""
    if window and len(window[0][0]) != len(peaks):
        window.clear()
    window.append((~(peaks <= 0), values))
    seen_values = sum(count for _, count in window)
    if len(window) < STEPS_ENOUGH and (len(window) < STEPS_MIN or seen_values < VALUES_MIN):
        return None
    return 1.0 - float(np.logical_or.reduce([positive for positive, _ in window]).mean())
