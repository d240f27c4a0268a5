"""Samples of many tensors side by side, and the sums over each that statistics are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from trainvitals.capture.lazy import lazy
from trainvitals.capture.positions import positions

Floats = NDArray[np.float64]
SPREAD_MIN = 1e-6
"""Below this share of the mean square a variance is summed about the mean: their difference would be rounding."""


@dataclass(frozen=True)
class Ragged:
    """Rows of unequal length: `owners` [r] names, `sizes` [r] elements of the whole tensors, `rows` [r] samples."""

    owners: tuple[str, ...]
    sizes: Floats
    rows: Sequence[NDArray[np.float32]]

    @lazy
    def values(self) -> Floats:
        """All samples, row after row, as float64: squares of 1e30 are numbers too."""
        return np.concatenate(self.rows, dtype=np.float64) if self.rows else np.empty(0)

    @lazy
    def counts(self) -> NDArray[np.int64]:
        """How many elements of each tensor were sampled [r]."""
        return np.array([len(row) for row in self.rows], dtype=np.int64)

    @lazy
    def starts(self) -> NDArray[np.int64]:
        return np.cumsum(self.counts) - self.counts

    def __bool__(self) -> bool:
        return bool(self.rows)

    def sum(self, values: NDArray[np.float64] | NDArray[np.bool_]) -> Floats:
        """The sum of each row of something as long as `values` [r]."""
        total: Floats = np.add.reduceat(values, self.starts, dtype=np.float64)
        return total

    def fraction(self, chosen: NDArray[np.bool_]) -> Floats:
        """The share of each row that is chosen [r]."""
        return self.sum(chosen) / self.counts

    @lazy
    def mean(self) -> Floats:
        """Sample mean [r]."""
        return self.sum(self.values) / self.counts

    @lazy
    def std(self) -> Floats:
        """Population standard deviation of the sample [r]."""
        variance: Floats = self.mean_square - np.square(self.mean)
        for row in np.flatnonzero(variance <= SPREAD_MIN * self.mean_square).tolist():
            variance[row] = np.square(self.rows[row] - self.mean[row]).mean()
        return np.sqrt(variance)

    @lazy
    def squares(self) -> Floats:
        """As long as `values`."""
        return np.square(self.values)

    @lazy
    def mean_square(self) -> Floats:
        """Mean of the squares of the sample [r]."""
        return self.sum(self.squares) / self.counts

    @lazy
    def norm(self) -> Floats:
        """L2 norm of the whole tensor [r]: that of the sample, scaled up; exact for a tensor that was taken whole."""
        return np.sqrt(self.mean_square * self.sizes)

    @lazy
    def nonfinite(self) -> Floats:
        """Elements of the sample that are NaN or infinite [r]."""
        # As float64 the squares of float32 do not overflow.
        if np.isfinite(self.mean_square).all():
            return np.zeros(len(self.rows))
        return self.sum(~np.isfinite(self.values))

    def std_from(self, norms: Floats) -> Floats:
        """The standard deviation by the norms of the whole tensors [r]: of heavy tails a sample catches too few.

        Where the mean outweighs the spread its own error would show, and the sample's standard deviation stands.
        """
        variance = np.square(norms) / self.sizes - np.square(self.mean)
        better = (self.counts < self.sizes) & (np.abs(self.mean) < self.std) & (variance > 0)
        return np.where(better, np.sqrt(np.maximum(variance, 0)), self.std)

    def thinned(self, samples: int) -> "Ragged":
        """At most so many elements of each row: those that a step with so many takes."""
        if not self.rows or self.counts.max() <= samples:
            return self
        rows = [row if len(row) <= samples else row[positions(len(row), samples)] for row in self.rows]
        return Ragged(self.owners, self.sizes, rows)

    def select(self, chosen: Sequence[int]) -> "Ragged":
        """Some of the rows."""
        return Ragged(
            tuple(self.owners[row] for row in chosen), self.sizes[list(chosen)], [self.rows[row] for row in chosen]
        )

    def kept(self) -> "Ragged":
        """The same in memory of its own: the buffers of a sample are used again."""
        values = self.values.copy()
        found = Ragged(self.owners, self.sizes, np.split(values, self.starts[1:]))
        found.__dict__.update(values=values, counts=self.counts, starts=self.starts, mean_square=self.mean_square)
        return found

    def paired(self, other: "Ragged") -> "tuple[Ragged, Ragged]":
        """The rows of owners that are in both and have as many samples there."""
        if self.owners == other.owners and np.array_equal(self.counts, other.counts):
            return self, other
        places = {owner: row for row, owner in enumerate(other.owners)}
        pairs = [
            (row, places[owner])
            for row, owner in enumerate(self.owners)
            if owner in places and len(self.rows[row]) == len(other.rows[places[owner]])
        ]
        return self.select([mine for mine, _ in pairs]), other.select([theirs for _, theirs in pairs])


def summed_together(parts: Sequence[Ragged]) -> None:
    """Compute what nearly every statistic is made of in one go: a call for each part would cost more than its sums."""
    parts = [part for part in parts if part]
    if not parts:
        return
    whole = Ragged((), np.empty(0), [row for part in parts for row in part.rows])
    rows = [0, *accumulate(len(part.rows) for part in parts)]
    elements = [int(place) for place in np.append(whole.starts, len(whole.values))]
    with np.errstate(all="ignore"):
        of_rows = {"counts": whole.counts, "mean": whole.mean, "mean_square": whole.mean_square}
    of_elements = {"values": whole.values, "squares": whole.squares}
    for place, part in enumerate(parts):
        mine = slice(rows[place], rows[place + 1])
        part.__dict__.update({name: found[mine] for name, found in of_rows.items()})
        mine = slice(elements[mine.start], elements[mine.stop])
        part.__dict__.update({name: found[mine] for name, found in of_elements.items()})
