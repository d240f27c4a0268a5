"""A stretch of a noisy curve: its mean, how well that is known, and whether it lies below another."""

import math
from dataclasses import dataclass

import numpy as np

from trainvitals_server.diagnosis.history import History

WINDOW_MIN, WINDOW_MAX = 10, 500
"""Points in each of the windows that are compared."""
SIGNIFICANT_T = 3.0
"""Two windows differ when their means are this many standard errors apart (Welch's t)."""
FALL_MIN = 0.005
"""A fall of less than half a percent between windows is no progress even where it is significant."""


@dataclass(frozen=True, slots=True)
class Window:
    """Mean, standard error and spread of a stretch."""

    mean: float
    error: float
    std: float
    first_step: int

    @classmethod
    def of(cls, points: History) -> "Window":
        """Summarise at least two finite points."""
        std = float(points.values.std(ddof=1))
        return cls(float(points.values.mean()), std / math.sqrt(len(points)), std, int(points.steps[0]))

    def below(self, other: "Window") -> bool:
        """Whether this window lies clearly below the other."""
        gap = other.mean - self.mean
        noise = math.hypot(self.error, other.error)
        return gap > SIGNIFICANT_T * noise and gap > FALL_MIN * abs(other.mean)


def window_size(points: int) -> int:
    """A quarter of the points, within bounds; 0 where they are too few to be judged."""
    size = min(WINDOW_MAX, points // 4)
    return size if size >= WINDOW_MIN else 0


def trend(points: History) -> float:
    """The slope of a straight line through the points in standard errors (Student's t)."""
    x = points.steps - points.steps.mean()
    spread = float((x * x).sum())
    slope = float((x * points.values).sum()) / spread
    rest = points.values - points.values.mean() - slope * x
    error = math.sqrt(float((rest * rest).sum()) / max(1, len(points) - 2) / spread)
    return slope / error if error > 0 else math.copysign(math.inf, slope) if slope else 0.0


def running_mean(points: History, size: int) -> History:
    """The mean of each `size` successive values, at the step of the last of them."""
    sums = np.cumsum(np.concatenate([[0.0], points.values]))
    return History(points.steps[size - 1 :], (sums[size:] - sums[:-size]) / size)
