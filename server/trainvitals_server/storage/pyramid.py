"""Buckets: what is kept of several points of a series, and what several buckets come to.

Numbers that are not finite are the news and are counted on their own; least, greatest and mean are of the finite ones.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

LEVELS = (64, 512, 4096)
"""Points in a bucket of the levels fine, middle and coarse; each is a multiple of the one before."""

NAMES = ("fine", "middle", "coarse")

BUCKET = np.dtype(
    [
        ("step", "<i8"),
        ("time", "<f8"),
        ("min", "<f8"),
        ("max", "<f8"),
        ("mean", "<f8"),
        ("first", "<f8"),
        ("last", "<f8"),
        ("count", "<u4"),
        ("nan", "<u4"),
        ("positive", "<u4"),
        ("negative", "<u4"),
    ]
)
"""72 bytes: the first step and its time; least, greatest and mean (inf, -inf and NaN where no value is finite); the
first and last value; how many points, and how many of them are NaN, +inf and -inf."""

Buckets = NDArray[np.void]


def buckets_of(
    steps: NDArray[np.int64], times: NDArray[np.float64], values: NDArray[Any], starts: NDArray[np.int64]
) -> Buckets:
    """The buckets [series, len(starts)] of points: steps and times [n], values [series, n]; `starts` ascend from 0."""
    numbers = np.ascontiguousarray(values, np.float64)
    ends = np.append(starts[1:], len(steps)) - 1
    found = np.empty((len(numbers), len(starts)), BUCKET)
    found["step"], found["time"] = steps[starts], times[starts]
    found["first"], found["last"] = numbers[:, starts], numbers[:, ends]
    counts = np.diff(starts, append=len(steps))
    found["count"] = counts
    finite = np.isfinite(numbers)
    if finite.all():
        found["nan"] = found["positive"] = found["negative"] = 0
        found["min"] = np.minimum.reduceat(numbers, starts, axis=1)
        found["max"] = np.maximum.reduceat(numbers, starts, axis=1)
        found["mean"] = _mean(numbers, np.broadcast_to(1.0, numbers.shape), starts)
        return found
    for name, which in (("nan", np.isnan(numbers)), ("positive", numbers == np.inf), ("negative", numbers == -np.inf)):
        found[name] = np.add.reduceat(which.astype(np.uint32), starts, axis=1)
    found["min"] = np.minimum.reduceat(np.where(finite, numbers, np.inf), starts, axis=1)
    found["max"] = np.maximum.reduceat(np.where(finite, numbers, -np.inf), starts, axis=1)
    found["mean"] = _mean(np.where(finite, numbers, 0.0), finite.astype(np.float64), starts)
    return found


def merged(buckets: Buckets, starts: NDArray[np.int64]) -> Buckets:
    """What buckets [series, n] come to in [series, len(starts)] larger ones; `starts` ascend from 0."""
    ends = np.append(starts[1:], buckets.shape[1]) - 1
    found = np.empty((len(buckets), len(starts)), BUCKET)
    for name in ("step", "time", "first"):
        found[name] = buckets[name][:, starts]
    found["last"] = buckets["last"][:, ends]
    for name in ("count", "nan", "positive", "negative"):
        found[name] = np.add.reduceat(buckets[name], starts, axis=1)
    found["min"] = np.minimum.reduceat(buckets["min"], starts, axis=1)
    found["max"] = np.maximum.reduceat(buckets["max"], starts, axis=1)
    weights = finite_counts(buckets).astype(np.float64)
    found["mean"] = weighted_means(buckets["mean"], weights, starts)
    return found


def weighted_means(
    values: NDArray[np.float64], weights: NDArray[np.float64], starts: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The means [series, len(starts)] of means [series, n] of so many values; a mean of none says nothing."""
    return _mean(np.where(weights > 0, values, 0.0), weights, starts)


def finite_counts(buckets: Buckets) -> NDArray[np.int64]:
    """How many finite values each bucket holds."""
    found: NDArray[np.int64] = buckets["count"].astype(np.int64) - nonfinite_counts(buckets)
    return found


def nonfinite_counts(buckets: Buckets) -> NDArray[np.int64]:
    """How many values of each bucket are NaN or infinite."""
    found: NDArray[np.int64] = buckets["nan"].astype(np.int64) + buckets["positive"] + buckets["negative"]
    return found


def starts_of_level(count: int, width: int) -> NDArray[np.int64]:
    """Where the buckets of `width` points begin."""
    return np.arange(0, count, width)


def level_for(count: int, buckets_wanted: float) -> int:
    """The greatest width of a level that gives enough buckets of `count` points to choose from; 1 for the points."""
    enough = [width for width in LEVELS if count >= 2 * width * buckets_wanted]
    return max(enough, default=1)


def _mean(values: NDArray[np.float64], weights: NDArray[np.float64], starts: NDArray[np.int64]) -> NDArray[np.float64]:
    totals = np.add.reduceat(weights, starts, axis=1)
    widths = np.diff(starts, append=values.shape[1])
    # Dividing first keeps the sum of huge values finite.
    shares = values * (weights / np.repeat(np.maximum(totals, 1.0), widths, axis=1))
    return np.where(totals > 0, np.add.reduceat(shares, starts, axis=1), np.nan)
