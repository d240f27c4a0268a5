"""One row of a heat map: numbers by ascending step, and which columns they fall into."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainvitals_server.storage import buckets, pyramid
from trainvitals_server.storage.pyramid import Buckets
from trainvitals_server.storage.series_values import SeriesValues

Reduce = Literal["max", "mean"]


class Numbers(NamedTuple):
    """Values, and how many finite points each stands for; a value of none says nothing."""

    values: NDArray[Any]
    weights: NDArray[np.int64] | NDArray[np.bool_]


class RowOfPoints:
    """A series as it was logged."""

    def __init__(self, series: SeriesValues) -> None:
        self.steps = series.steps
        self._values = series.values

    def numbers(self, reduce: Reduce) -> Numbers:
        """The points."""
        return Numbers(self._values, np.isfinite(self._values))


class RowOfBuckets:
    """A series in buckets of a pyramid, in parts."""

    def __init__(self, parts: Sequence[Buckets]) -> None:
        self._parts = parts or [np.empty(0, pyramid.BUCKET)]

    @cached_property
    def steps(self) -> NDArray[np.int64]:
        """The first step of each bucket."""
        return np.concatenate([part["step"] for part in self._parts])

    def numbers(self, reduce: Reduce) -> Numbers:
        """The greatest or mean value of each bucket."""
        # Field by field: a bucket is nine times as long as a number.
        values = np.concatenate([part[reduce] for part in self._parts])
        return Numbers(values, np.concatenate([pyramid.finite_counts(part) for part in self._parts]))


Row = RowOfPoints | RowOfBuckets


@dataclass(frozen=True, slots=True)
class Columns:
    """Which places of a row fall into which columns."""

    steps: NDArray[np.int64]
    starts: NDArray[np.int64]
    """The first step of each column."""
    used: NDArray[np.int64]
    """The columns that have a number."""
    firsts: NDArray[np.int64]
    """The place of the first of each of those."""
    torn: bool
    """Whether a number that stands for several steps may reach into another column than the one it begins in."""

    @classmethod
    def of(cls, steps: NDArray[np.int64], starts: NDArray[np.int64]) -> "Columns":
        """The columns that begin at `starts`."""
        columns = np.searchsorted(starts, steps, "right") - 1
        firsts = np.flatnonzero(np.diff(columns, prepend=-1))
        last_columns = np.searchsorted(starts, steps[1:] - 1, "right") - 1
        return cls(steps, starts, columns[firsts], firsts, bool((columns[:-1] != last_columns).any()))

    def like(self, steps: NDArray[np.int64]) -> "Columns":
        """The same columns for another row: layers are mostly logged together, and are looked up once."""
        if steps is self.steps or np.array_equal(steps, self.steps):
            return self
        return Columns.of(steps, self.starts)

    def reduce(self, numbers: Numbers, reduce: Reduce) -> NDArray[np.float64]:
        """One number a column; NaN where there is no finite one."""
        found = np.full(len(self.starts), np.nan)
        if len(self.steps):
            found[self.used] = self._greatest(*numbers) if reduce == "max" else self._mean(*numbers)
        return found

    def _greatest(self, values: NDArray[Any], weights: NDArray[Any]) -> NDArray[Any]:
        return np.maximum.reduceat(values if weights.all() else np.where(weights, values, -np.inf), self.firsts)

    def _mean(self, values: NDArray[Any], weights: NDArray[Any]) -> NDArray[np.float64]:
        totals = np.add.reduceat(weights, self.firsts, dtype=np.int64)
        if weights.dtype == np.bool_:
            return buckets.means(values, weights, self.firsts, totals)
        (found,) = pyramid.weighted_means(values[None], weights[None].astype(np.float64), self.firsts)
        return found  # type: ignore[no-any-return]
