"""The steps of a run that diagnosis remembers, in bounded memory."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainvitals_wire.frame import Frame
from trainvitals_wire.names import STATISTICS_BY_NAME, split_key

FIRST_ROWS = 128
"""The start of a run is kept for good: initialisation faults and the baseline of the loss show there."""
LAST_ROWS = 2048
LAST_ROWS_MIN = 256
BLOCK_CELLS_MAX = 2**22
"""A block of very many series keeps fewer rows: 16 MiB of float32 at most."""


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


class Block:
    """All rows of one column list: the first rows for good, of the later ones the last.

    Adding a frame is two slice copies, however many series it has; a column is read only when a rule asks for it.
    """

    def __init__(self, keys: tuple[str, ...]) -> None:
        self.keys = keys
        self.place = {key: index for index, key in enumerate(keys)}
        self.split = [pair for key in keys if (pair := split_key(key))[0] in STATISTICS_BY_NAME]
        self._last_rows = max(LAST_ROWS_MIN, min(LAST_ROWS, BLOCK_CELLS_MAX // max(1, len(keys))))
        self._steps = np.empty(32, np.int64)
        self._values: NDArray[np.float32] | NDArray[np.float64] | None = None
        self._rows = 0

    def add(self, frame: Frame) -> None:
        """Append the rows of a frame of the same column list."""
        n = len(frame.steps)
        values = self._room(n, frame)
        self._steps[self._rows : self._rows + n] = frame.steps
        values[self._rows : self._rows + n] = frame.values
        self._rows += n
        if self._rows > FIRST_ROWS + 2 * self._last_rows:
            self._forget(values)

    def column(self, key: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Steps and float64 values of one series, in the order they came."""
        assert self._values is not None
        values = self._values[: self._rows, self.place[key]].astype(np.float64)
        return self._steps[: self._rows].copy(), values

    def _room(self, n: int, frame: Frame) -> NDArray[np.float32] | NDArray[np.float64]:
        wanted = self._rows + n
        if self._values is None or wanted > len(self._steps):
            size = max(32, 2 * len(self._steps), wanted)
            steps = np.empty(size, np.int64)
            values = np.empty((size, len(self.keys)), frame.values.dtype)
            if self._values is not None:
                steps[: self._rows] = self._steps[: self._rows]
                values[: self._rows] = self._values[: self._rows]
            self._steps, self._values = steps, values
        return self._values

    def _forget(self, values: NDArray[np.float32] | NDArray[np.float64]) -> None:
        start = self._rows - self._last_rows
        for array in (self._steps, values):
            array[FIRST_ROWS : FIRST_ROWS + self._last_rows] = array[start : self._rows].copy()
        self._rows = FIRST_ROWS + self._last_rows
