"""A stretch of a noisy curve: its mean, how well that is known, and whether it lies below another."""

import math
from dataclasses import dataclass

import numpy as np

from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.threshold import Thresholds


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

    def below(self, other: "Window", windows: Thresholds) -> bool:
        """Whether this window lies clearly below the other (Welch's t)."""
        gap = other.mean - self.mean
        noise = math.hypot(self.error, other.error)
        return gap > windows["significance"] * noise and gap > windows["fall_min"] * abs(other.mean)


def window_size(points: History, windows: Thresholds) -> int:
    """A quarter of the points, within bounds; a third of fewer that lie far apart; 0 where they cannot be judged."""
    size = min(int(windows["points_max"]), len(points) // 4)
    if size >= windows["points_min"]:
        return size
    few = len(points) // 3
    return few if few >= windows["points_apart"] and spacing(points) >= windows["apart"] else 0


def spacing(points: History) -> float:
    """How many steps lie between two points, on average; 0 of fewer than two."""
    return float(points.steps[-1] - points.steps[0]) / (len(points) - 1) if len(points) > 1 else 0.0


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
