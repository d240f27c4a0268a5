"""Persistence within the numbers: a state counts when it holds in most of the last points, not at one."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainvitals_server.diagnosis.history import History

POINTS = 10
SHARE = 0.8
"""A state is sustained when it holds in eight of the last ten points."""
POINTS_MIN = 3


@dataclass(frozen=True, slots=True)
class Stretch:
    """Since when a state holds, until when it was seen, and the median value over its last points."""

    first_step: int
    last_step: int
    value: float


def sustained(history: History, holds: NDArray[np.bool_], points: int = POINTS, share: float = SHARE) -> Stretch | None:
    """The stretch up to the last point in which `holds` (bool, one a point) is true in `share` of each `points`."""
    n = min(points, len(history))
    if n < POINTS_MIN:
        return None
    needed = math.ceil(share * n)
    counts = np.convolve(holds, np.ones(n, np.int64), "valid")
    if counts[-1] < needed:
        return None
    broken = np.flatnonzero(counts < needed)
    start = int(broken[-1]) + 1 if len(broken) else 0
    first = start + int(np.argmax(holds[start:]))
    value = float(np.median(history.values[-n:][holds[-n:]]))
    return Stretch(int(history.steps[first]), int(history.steps[-1]), value)
