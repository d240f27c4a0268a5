"""One series as far as it is remembered."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class History:
    """One series as far as it is remembered: `steps` int64 [n] ascending and unique, `values` float64 [n]."""

    steps: NDArray[np.int64]
    values: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.steps)

    def last(self, n: int) -> "History":
        """The last `n` points."""
        return History(self.steps[-n:], self.values[-n:]) if n > 0 else EMPTY

    def first(self, n: int) -> "History":
        """The first `n` points."""
        return History(self.steps[:n], self.values[:n])

    def between(self, first_step: int, last_step: int) -> "History":
        """The points of an inclusive range of steps."""
        low, high = np.searchsorted(self.steps, [first_step, last_step + 1])
        return History(self.steps[low:high], self.values[low:high])

    def finite(self) -> "History":
        """The points whose value is finite."""
        keep = np.isfinite(self.values)
        return self if keep.all() else History(self.steps[keep], self.values[keep])

    def beside(self, other: "History") -> tuple["History", "History"]:
        """Both at the steps that they share."""
        if np.array_equal(self.steps, other.steps):
            return self, other
        _, here, there = np.intersect1d(self.steps, other.steps, assume_unique=True, return_indices=True)
        return History(self.steps[here], self.values[here]), History(other.steps[there], other.values[there])

    @classmethod
    def of(cls, parts: Sequence[tuple[NDArray[np.int64], NDArray[np.float64]]]) -> "History":
        """Join parts in the order they came: the last write of a step wins."""
        steps = np.concatenate([part[0] for part in parts])
        values = np.concatenate([part[1] for part in parts])
        if np.all(steps[1:] > steps[:-1]):
            return cls(steps, values)
        order = np.argsort(steps, kind="stable")
        steps, values = steps[order], values[order]
        last_write = np.append(steps[1:] != steps[:-1], True)
        return cls(steps[last_write], values[last_write])


EMPTY = History(np.empty(0, np.int64), np.empty(0, np.float64))
