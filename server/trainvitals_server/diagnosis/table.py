"""One statistic of several layers side by side, so that all of them are judged at once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trainvitals_server.diagnosis.history import History


@dataclass(frozen=True)
class Table:
    """`values` [owners, steps] of one statistic; NaN where it was not finite, or not known at that step."""

    owners: tuple[str, ...]
    steps: NDArray[np.int64]
    values: NDArray[np.float64]

    @cached_property
    def gaps(self) -> NDArray[np.bool_]:
        """Which owners [owners] have a step at which their value is not finite."""
        return np.asarray(~np.isfinite(self.values).all(axis=1), np.bool_)

    def history(self, place: int) -> History:
        """The finite points of one owner."""
        return History(self.steps, self.values[place]).finite()

    @cached_property
    def start(self) -> NDArray[np.float64]:
        """The first finite value of each owner [owners], NaN where there is none."""
        first = np.isfinite(self.values).argmax(axis=1) if self.values.shape[1] else np.zeros(len(self.owners), np.intp)
        return self.values[np.arange(len(self.owners)), first] if self.values.shape[1] else np.full(len(first), np.nan)

    @classmethod
    def of(cls, owners: tuple[str, ...], histories: list[History]) -> "Table":
        """Histories of any steps, put onto the steps that any of them has."""
        steps = np.unique(np.concatenate([history.steps for history in histories] or [np.empty(0, np.int64)]))
        values = np.full((len(owners), len(steps)), np.nan)
        for row, history in zip(values, histories, strict=True):
            row[np.searchsorted(steps, history.steps)] = history.values
        return cls(owners, steps, values)
