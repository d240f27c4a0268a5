"""The share of a rectifying layer's units that were never positive in a window: exact, per unit.

A unit is a channel of a convolution or a feature of a linear layer. A share of zeros is not death: a healthy unit is
silent for many inputs, a dead one for all.
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
    for owner, (peaks, values) in seen.unit_peaks.items():
        window = windows.setdefault(owner, deque(maxlen=WINDOW_STEPS))
        if window and len(window[0][0]) != len(peaks):
            window.clear()
        window.append((~(peaks <= 0), values))
        seen_values = sum(count for _, count in window)
        if len(window) >= STEPS_ENOUGH or (len(window) >= STEPS_MIN and seen_values >= VALUES_MIN):
            alive = np.logical_or.reduce([positive for positive, _ in window])
            found[owner] = 1.0 - float(alive.mean())
    if found:
        yield Column("dead_unit_fraction", tuple(found), np.array(list(found.values())))
