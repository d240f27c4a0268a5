"""Samples of many tensors side by side, and the sums over each that statistics are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trainvitals.capture.positions import positions

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ragged:
    """Rows of unequal length: `owners` [r] names, `sizes` [r] elements of the whole tensors, `rows` [r] samples."""

    owners: tuple[str, ...]
    sizes: Floats
    rows: Sequence[NDArray[np.float32]]

    @cached_property
    def values(self) -> Floats:
        """All samples, row after row, as float64: squares of 1e30 are numbers too."""
        return np.concatenate(self.rows, dtype=np.float64) if self.rows else np.empty(0)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """How many elements of each tensor were sampled [r]."""
        return np.array([len(row) for row in self.rows], dtype=np.int64)

    @cached_property
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

    @cached_property
    def mean(self) -> Floats:
        """Sample mean [r]."""
        return self.sum(self.values) / self.counts

    @cached_property
    def std(self) -> Floats:
        """Population standard deviation of the sample [r], in two passes."""
        centred = self.values - np.repeat(self.mean, self.counts)
        return np.sqrt(self.sum(np.square(centred)) / self.counts)

    @cached_property
    def squares(self) -> Floats:
        """As long as `values`."""
        return np.square(self.values)

    @cached_property
    def mean_square(self) -> Floats:
        """Mean of the squares of the sample [r]."""
        return self.sum(self.squares) / self.counts

    @cached_property
    def norm(self) -> Floats:
        """L2 norm of the whole tensor [r]: that of the sample, scaled up; exact for a tensor that was taken whole."""
        return np.sqrt(self.mean_square * self.sizes)

    @cached_property
    def nonfinite(self) -> Floats:
        """Elements of the sample that are NaN or infinite [r]."""
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
        if all(len(row) <= samples for row in self.rows):
            return self
        rows = [row if len(row) <= samples else row[positions(len(row), samples)] for row in self.rows]
        return Ragged(self.owners, self.sizes, rows)

    def select(self, chosen: Sequence[int]) -> "Ragged":
        """Some of the rows."""
        return Ragged(
            tuple(self.owners[row] for row in chosen), self.sizes[list(chosen)], [self.rows[row] for row in chosen]
        )
