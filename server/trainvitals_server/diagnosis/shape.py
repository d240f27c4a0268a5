"""The shape of a histogram: whether values pile up in one place, and how heavy the tails are."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from trainvitals_wire.histogram import ZERO_BUCKET, Histogram, representatives

_VALUES = representatives()


@dataclass(frozen=True)
class Shape:
    """What is read from one histogram of the fixed buckets, each at most once."""

    histogram: Histogram

    @property
    def step(self) -> int:
        """The step of the histogram."""
        return self.histogram.step

    @cached_property
    def count(self) -> int:
        """How many values were counted."""
        return int(self.histogram.counts.sum())

    @cached_property
    def spike(self) -> tuple[float, float]:
        """The value of the fullest bucket and its share of all; a bucket is a quarter of an octave wide."""
        place = int(self.histogram.counts.argmax())
        bucket = int(self.histogram.buckets[place])
        value = 0.0 if bucket == ZERO_BUCKET else float(_VALUES[bucket])
        return value, float(self.histogram.counts[place]) / max(1, self.count)

    @cached_property
    def offset(self) -> float:
        """The mean in standard deviations."""
        values, share = _VALUES[self.histogram.buckets], self.histogram.counts / max(1, self.count)
        mean = float((share * values).sum())
        variance = float((share * (values - mean) ** 2).sum())
        return mean / variance**0.5 if variance > 0 else float("nan")

    @cached_property
    def kurtosis(self) -> float:
        """The fourth central moment over the squared variance: 3 for a Gaussian, 6 for a Laplace distribution."""
        values, share = _VALUES[self.histogram.buckets], self.histogram.counts / max(1, self.count)
        centred = values - float((share * values).sum())
        variance = float((share * centred**2).sum())
        return float((share * centred**4).sum()) / variance**2 if variance > 0 else float("nan")

    @cached_property
    def tails(self) -> tuple[float, float]:
        """The share of values beyond four standard deviations on either side."""
        values, share = _VALUES[self.histogram.buckets], self.histogram.counts / max(1, self.count)
        centred = values - float((share * values).sum())
        far = 4 * float(np.sqrt((share * centred**2).sum()))
        return float(share[centred < -far].sum()), float(share[centred > far].sum())
