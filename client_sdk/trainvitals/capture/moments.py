"""Mean, spread, least and greatest of many columns, gathered over batches of any size."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainvitals.capture.batch import Floats


class Moments:
    """Of `columns` columns; values that are not finite are left out. Merged as in Chan, Golub and LeVeque 1979."""

    def __init__(self, columns: int) -> None:
        self.count = np.zeros(columns)
        self.mean = np.zeros(columns)
        self._squares = np.zeros(columns)
        self.min = np.full(columns, np.inf)
        self.max = np.full(columns, -np.inf)

    def add(self, values: NDArray[Any], group: NDArray[np.int64] | None = None) -> None:
        """A matrix [rows, columns]; with `group` [columns] several of its columns belong to one of ours."""
        if group is None and np.isfinite(values).all():
            self._add_finite(values)
            return
        usable = np.isfinite(values)
        clean = np.where(usable, values, 0.0)
        count = self._summed(usable.sum(axis=0), group)
        mean = self._summed(clean.sum(axis=0), group) / np.maximum(count, 1)
        centred = np.where(usable, clean - (mean if group is None else mean[group]), 0.0)
        self._merge(count, mean, self._summed(np.square(centred).sum(axis=0), group))
        places = np.arange(len(self.count)) if group is None else group
        np.minimum.at(self.min, places, np.where(usable, values, np.inf).min(axis=0))
        np.maximum.at(self.max, places, np.where(usable, values, -np.inf).max(axis=0))

    def _add_finite(self, values: NDArray[Any]) -> None:
        mean = values.mean(axis=0)
        self._merge(np.float64(len(values)), mean, np.square(values - mean).sum(axis=0))
        np.minimum(self.min, values.min(axis=0), out=self.min)
        np.maximum(self.max, values.max(axis=0), out=self.max)

    @property
    def std(self) -> Floats:
        """Population standard deviation [columns]."""
        found: Floats = np.sqrt(self._squares / np.maximum(self.count, 1))
        return np.where(self.constant, 0.0, found)

    @property
    def constant(self) -> NDArray[np.bool_]:
        """Which columns hold one value alone [columns]."""
        return ~(self.max > self.min)

    def pooled(self) -> tuple[float, float]:
        """Mean and standard deviation over all columns together."""
        total = max(float(self.count.sum()), 1.0)
        mean = float((self.count * self.mean).sum()) / total
        between = float((self.count * np.square(self.mean - mean)).sum())
        return mean, float(np.sqrt((float(self._squares.sum()) + between) / total))

    def _summed(self, values: NDArray[Any], group: NDArray[np.int64] | None) -> Floats:
        if group is None:
            return values.astype(np.float64)
        summed: Floats = np.bincount(group, weights=values, minlength=len(self.count)).astype(np.float64)
        return summed

    def _merge(self, count: Floats | np.float64, mean: Floats, squares: Floats) -> None:
        total = np.maximum(self.count + count, 1)
        apart = mean - self.mean
        self._squares += squares + np.square(apart) * self.count * count / total
        self.mean += apart * count / total
        self.count += count
