"""A series reduced to as many buckets as a chart has pixels for."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainvitals_server.storage import pyramid
from trainvitals_server.storage.pyramid import Buckets
from trainvitals_server.storage.series_values import SeriesValues
from trainvitals_wire.records import SeriesPoints


def points(key: str, series: SeriesValues, buckets_max: int) -> SeriesPoints:
    """The series in at most `buckets_max` buckets of equally many steps, counted from the first.

    As many buckets as steps where they suffice. Least, greatest and mean are of the finite values; a number that is
    not finite, or none, is None.
    """
    starts = starts_of(len(series.steps), buckets_max)
    if len(starts) == len(series.steps):
        return _each(key, series)
    values = series.values.astype(np.float64)
    finite = np.isfinite(values)
    ends = np.append(starts[1:], len(values))
    counts = ends - starts
    finite_counts = np.add.reduceat(finite.astype(np.int64), starts)
    return {
        "key": key,
        "steps": series.steps[starts].tolist(),
        "times": series.times[starts].tolist(),
        "min": plain(np.minimum.reduceat(np.where(finite, values, np.inf), starts)),
        "max": plain(np.maximum.reduceat(np.where(finite, values, -np.inf), starts)),
        "mean": plain(means(values, finite, starts, finite_counts)),
        "last": plain(values[ends - 1]),
        "count": counts.tolist(),
        "nonfinite": (counts - finite_counts).tolist(),
    }


def points_of_buckets(key: str, parts: Sequence[Buckets], buckets_max: int) -> SeriesPoints:
    """Ascending buckets of a pyramid, in parts, in at most `buckets_max` of about equally many steps."""
    found = np.concatenate([np.empty(0, pyramid.BUCKET), *parts])
    counts = found["count"].astype(np.int64)
    width = max(1, -(-int(counts.sum()) // buckets_max))
    before = np.cumsum(counts) - counts
    starts = np.flatnonzero(np.diff(before // width, prepend=-1))
    (buckets,) = pyramid.merged(found[None], starts) if len(found) else (found,)
    return {
        "key": key,
        "steps": buckets["step"].tolist(),
        "times": buckets["time"].tolist(),
        "min": plain(buckets["min"]),
        "max": plain(buckets["max"]),
        "mean": plain(buckets["mean"]),
        "last": plain(buckets["last"]),
        "count": buckets["count"].tolist(),
        "nonfinite": pyramid.nonfinite_counts(buckets).tolist(),
    }


def starts_of(count: int, buckets_max: int) -> NDArray[np.int64]:
    """The first places of at most `buckets_max` buckets over `count` sorted things."""
    width = max(1, -(-count // max(1, buckets_max)))
    return np.arange(0, count, width)


def means(
    values: NDArray[Any], finite: NDArray[np.bool_], starts: NDArray[np.int64], counts: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The mean of the finite values of each bucket, `counts` of them; NaN where there is none."""
    numbers = values if finite.all() else np.where(finite, values, values.dtype.type(0))
    whole = np.maximum(counts, 1)
    with np.errstate(over="ignore", invalid="ignore"):
        found = np.add.reduceat(numbers, starts, dtype=np.float64) / whole
    if not np.isfinite(found).all():
        # Dividing first keeps the sum of huge values finite.
        shares = numbers / np.repeat(whole, np.diff(starts, append=len(values)))
        found = np.add.reduceat(shares, starts, dtype=np.float64)
    return np.where(counts > 0, found, np.nan)


def plain(values: NDArray[Any]) -> list[float | None]:
    """The numbers as JSON takes them: None for what is not finite."""
    found: list[float | None] = values.tolist()
    for place in np.flatnonzero(~np.isfinite(values)):
        found[place] = None
    return found


def _each(key: str, series: SeriesValues) -> SeriesPoints:
    values = plain(series.values)
    return {
        "key": key,
        "steps": series.steps.tolist(),
        "times": series.times.tolist(),
        "min": values,
        "max": list(values),
        "mean": list(values),
        "last": list(values),
        "count": [1] * len(values),
        "nonfinite": [int(value is None) for value in values],
    }
