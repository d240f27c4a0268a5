"""A run's frames decoded: growing [rows x series] blocks, one a column list, from which a series is one column."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainvitals_server.storage.series_values import SeriesValues
from trainvitals_server.storage.stretch import Stretch
from trainvitals_wire.frame import Frame

_ROWS_MIN = 64


@dataclass(frozen=True, slots=True)
class SeriesRange:
    """What is known of a series without its values; `replaced` counts the values that a later write replaced."""

    first_step: int
    last_step: int
    last_value: float
    count: int
    replaced: int


class Block:
    """The rows of one column list in the order in which they came; arrays double as they fill.

    Without `keep_values` it remembers the steps, and the values of the greatest step alone.
    """

    def __init__(self, keys: tuple[str, ...], dtype: np.dtype[Any], keep_values: bool) -> None:
        self.width = len(keys) if keep_values else 0
        self.newest: tuple[int, int] = (-1, -1)
        """The greatest step and the order of its last row."""
        self.newest_values: NDArray[Any] = np.empty(0, dtype)
        self.rows = 0
        self.ascending = True
        self.steps: NDArray[np.int64] = np.empty(_ROWS_MIN, np.int64)
        self.times: NDArray[np.float64] = np.empty(_ROWS_MIN, np.float64)
        self.order: NDArray[np.int64] = np.empty(_ROWS_MIN, np.int64)
        self.values: NDArray[Any] = np.empty((_ROWS_MIN, self.width), dtype)

    @property
    def nbytes(self) -> int:
        """Memory taken, in bytes."""
        return self.values.nbytes + 3 * self.steps.nbytes

    def append(self, frame: Frame, order: int) -> None:
        """Add the rows of a frame; `order` counts the run's rows before it."""
        count = len(frame.steps)
        self._grow(self.rows + count)
        part = slice(self.rows, self.rows + count)
        before = self.steps[self.rows - 1] if self.rows else -1
        self.ascending &= bool(frame.steps[0] > before and (np.diff(frame.steps) > 0).all())
        self.steps[part] = frame.steps
        self.times[part] = frame.times
        self.order[part] = np.arange(order, order + count)
        self.values[part] = frame.values[:, : self.width]
        self.rows += count
        place = count - 1 - int(np.argmax(frame.steps[::-1]))
        if frame.steps[place] >= self.newest[0]:
            self.newest = int(frame.steps[place]), order + place
            self.newest_values = frame.values[place].copy()

    def _grow(self, rows: int) -> None:
        room = len(self.steps)
        if rows <= room:
            return
        room = max(rows, 2 * room)
        for name in ("steps", "times", "order", "values"):
            old = getattr(self, name)
            new = np.empty((room, *old.shape[1:]), old.dtype)
            new[: self.rows] = old[: self.rows]
            # Readers keep views of the old array, whose rows never change.
            setattr(self, name, new)


class Blocks:
    """All blocks of a run after the cursor `start` and up to `cursor`; many threads may read while one extends.

    Without `keep_values` it takes little memory and knows the `range` of each series, not its values.
    """

    def __init__(self, epoch: str, start: int = 0, *, keep_values: bool = True) -> None:
        self.epoch = epoch
        self.start = start
        self.keep_values = keep_values
        self.cursor = start
        self.lock = threading.Lock()
        self._rows = 0
        self._blocks: dict[tuple[tuple[str, ...], str], Block] = {}
        self._of_key: dict[str, list[tuple[Block, int]]] = {}

    @property
    def nbytes(self) -> int:
        """Memory taken, in bytes."""
        return sum(block.nbytes for block in self._blocks.values())

    def extend(self, frames: Iterable[Frame], cursor: int) -> None:
        """Add frames in the order in which they came; the blocks then reach up to `cursor`."""
        for frame in frames:
            self._block(frame).append(frame, self._rows)
            self._rows += len(frame.steps)
        self.cursor = cursor

    def __contains__(self, key: str) -> bool:
        return key in self._of_key

    def series(self, key: str) -> SeriesValues:
        """One series; KeyError where there is none."""
        with self.lock:
            parts = [
                (block, place, block.rows, block.steps, block.times, block.values, block.order, block.ascending)
                for block, place in self._of_key[key]
            ]
        if len(parts) == 1 and parts[0][-1]:
            _, place, rows, steps, times, values, _, _ = parts[0]
            return SeriesValues(steps[:rows], times[:rows], values[:rows, place])
        return _last_writes(
            np.concatenate([part[3][: part[2]] for part in parts]),
            np.concatenate([part[4][: part[2]] for part in parts]),
            np.concatenate([part[5][: part[2], part[1]] for part in parts]),
            np.concatenate([part[6][: part[2]] for part in parts]),
        )

    def range(self, key: str) -> SeriesRange:
        """What is known of one series; KeyError where there is none."""
        with self.lock:
            parts = [(block.newest, float(block.newest_values[place])) for block, place in self._of_key[key]]
            steps = [block.steps[: block.rows] for block, _ in self._of_key[key]]
            ascending = self._of_key[key][0][0].ascending
        (last_step, _), last_value = max(parts, key=lambda part: part[0])
        if len(steps) == 1 and ascending:
            return SeriesRange(int(steps[0][0]), last_step, last_value, len(steps[0]), 0)
        every = np.concatenate(steps)
        distinct = np.unique(every)
        return SeriesRange(int(distinct[0]), last_step, last_value, len(distinct), len(every) - len(distinct))

    def replaced(self) -> int:
        """How many values of the run a later write replaced."""
        with self.lock:
            blocks, places = list(self._blocks.values()), list(self._of_key.items())
        if all(block.ascending for block in blocks) and all(len(parts) == 1 for _, parts in places):
            return 0
        return sum(len(keys) * self.range(keys[0]).replaced for keys in _alike(places))

    def groups(self) -> Iterator[tuple[list[str], Stretch]]:
        """The series, those together that have the same steps: their keys and points."""
        for keys in self.alike():
            first = self.series(keys[0])
            values = np.empty((len(keys), len(first.steps)), first.values.dtype)
            for row, key in zip(values, keys, strict=True):
                row[:] = self.series(key).values
            yield keys, Stretch(first.steps, first.times, values)

    def steps(self, key: str) -> NDArray[np.int64]:
        """The steps of one series, each once; KeyError where there is none."""
        with self.lock:
            parts = [block.steps[: block.rows] for block, _ in self._of_key[key]]
        return np.unique(np.concatenate(parts))

    def alike(self) -> list[list[str]]:
        """The keys of all series, those together that have the same steps."""
        with self.lock:
            return list(_alike(list(self._of_key.items())))

    def _block(self, frame: Frame) -> Block:
        name = (frame.keys, frame.values.dtype.str)
        block = self._blocks.get(name)
        if block is None:
            block = self._blocks[name] = Block(frame.keys, frame.values.dtype, self.keep_values)
            for place, key in enumerate(frame.keys):
                self._of_key.setdefault(key, []).append((block, place))
        return block


def _alike(places: list[tuple[str, list[tuple[Block, int]]]]) -> Iterator[list[str]]:
    """The keys of series that lie in the same blocks, and so have the same steps and the same type."""
    alike: dict[tuple[int, ...], list[str]] = {}
    for key, parts in places:
        alike.setdefault(tuple(id(block) for block, _ in parts), []).append(key)
    return iter(alike.values())


def _last_writes(
    steps: NDArray[np.int64], times: NDArray[np.float64], values: NDArray[Any], order: NDArray[np.int64]
) -> SeriesValues:
    by_step = np.lexsort((order, steps))
    steps = steps[by_step]
    newest = np.append(steps[1:] != steps[:-1], True)
    chosen = by_step[newest]
    return SeriesValues(steps[newest], times[chosen], values[chosen])
