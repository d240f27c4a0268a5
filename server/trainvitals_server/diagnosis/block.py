"""The rows of one column list of a run, in bounded memory; adding a frame is two slice copies."""

from collections.abc import Callable, Hashable

import numpy as np
from numpy.typing import NDArray

from trainvitals_server.diagnosis.history import History
from trainvitals_server.diagnosis.median import running_medians
from trainvitals_wire.frame import Frame
from trainvitals_wire.names import STATISTICS_BY_NAME, kind_of, split_key

FIRST_ROWS = 128
"""The start of a run is kept for good: initialisation faults and the baseline of the loss show there."""
LAST_ROWS = 2048
LAST_ROWS_MIN = 256
BLOCK_CELLS_MAX = 2**22
"""A block of very many series keeps fewer rows: 16 MiB of float32 at most."""

PLACES_MAX = 256
"""Groups of series whose places are remembered."""

Floats = NDArray[np.float64]
RowFunction = Callable[[Floats, Floats], Floats]
"""Values [columns, rows] and the very first row [columns] -> one value a row."""


class Block:
    """All rows of one column list: the first rows for good, of the later ones the last.

    Values are kept [series, rows], so that a series is read in one piece.
    """

    def __init__(self, keys: tuple[str, ...], cells_max: int = BLOCK_CELLS_MAX) -> None:
        self.keys = keys
        self.place = {key: index for index, key in enumerate(keys)}
        self.owners: dict[str, set[str]] = {}
        self.metrics = frozenset(key for key in keys if kind_of(key) == "metric")
        for statistic, owner in map(split_key, keys):
            if statistic.rpartition("/")[2] in STATISTICS_BY_NAME:
                self.owners.setdefault(statistic, set()).add(owner)
        self.ordered = True
        self._last_rows = max(LAST_ROWS_MIN, min(LAST_ROWS, cells_max // max(1, len(keys))))
        self._steps = np.empty(32, np.int64)
        self._values: NDArray[np.float32] | NDArray[np.float64] = np.empty((len(keys), 0), np.float32)
        self._rows = 0
        self._reduced: dict[Hashable, Floats] = {}
        self._medians: dict[tuple[bytes, int, int], tuple[int, Floats]] = {}
        self._added = 0
        self._places: dict[tuple[str, tuple[str, ...]], NDArray[np.intp]] = {}

    @property
    def nbytes(self) -> int:
        """Memory taken by the values, in bytes."""
        return self._values.nbytes

    @property
    def steps(self) -> NDArray[np.int64]:
        """The steps of the rows, in the order they came; valid until the next frame."""
        return self._steps[: self._rows]

    def add(self, frame: Frame) -> None:
        """Append the rows of a frame of the same column list."""
        n = len(frame.steps)
        self._make_room(n, frame)
        joined = (
            frame.steps if not self._rows else np.concatenate([self._steps[self._rows - 1 : self._rows], frame.steps])
        )
        self.ordered = self.ordered and bool(np.all(joined[1:] > joined[:-1]))
        self._steps[self._rows : self._rows + n] = frame.steps
        self._values[:, self._rows : self._rows + n] = frame.values.T
        self._rows += n
        self._added += n
        if self._rows > FIRST_ROWS + 2 * self._last_rows:
            self._forget()

    def column(self, key: str) -> History:
        """One series."""
        values = self._values[self.place[key], : self._rows].astype(np.float64)
        return History(self.steps, values) if self.ordered else History.of([(self.steps, values)])

    def first(self, key: str) -> float:
        """The very first value of a series."""
        return float(self._values[self.place[key], 0])

    def places(self, statistic: str, owners: tuple[str, ...]) -> NDArray[np.intp]:
        """Where the series of a statistic of several owners stand; -1 for one that the block lacks."""
        name = statistic, owners
        if name not in self._places:
            if len(self._places) >= PLACES_MAX:
                self._places.clear()
            found = (self.place.get(f"{statistic}/{owner}", -1) for owner in owners)
            self._places[name] = np.fromiter(found, np.intp, len(owners))
        return self._places[name]

    def last(self, places: NDArray[np.intp], rows: int) -> Floats:
        """The last `rows` values [places, rows] of several series; NaN for one that the block lacks."""
        found = self._values[places, max(0, self._rows - rows) : self._rows].astype(np.float64)
        found[places < 0] = np.nan
        return found

    def zero(self, places: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which of several series hold nothing but exact zeros."""
        return np.asarray(~self._values[places, : self._rows].any(axis=1), np.bool_)

    def finite(self, places: NDArray[np.intp]) -> NDArray[np.intp]:
        """How many values of each of several series are finite."""
        return np.asarray(np.isfinite(self._values[places, : self._rows]).sum(axis=1), np.intp)

    def medians(self, places: NDArray[np.intp], samples: int, rows: int) -> Floats:
        """The medians [places, windows] of each `samples` successive values in the last `rows` rows.

        Of the group of series asked for last each window is computed once.
        """
        name = places.tobytes(), samples, rows
        seen, known = self._medians.get(name, (0, None))
        new = self._added - seen
        if known is None or new > rows - samples:
            known = running_medians(self.last(places, rows), samples)
        elif new:
            more = running_medians(self.last(places, new + samples - 1), samples)
            known = np.concatenate([known, more], axis=1)[:, -(rows - samples + 1) :]
        self._medians = {name: (self._added, known)}
        return known

    def reduced(self, name: Hashable, places: NDArray[np.intp], function: RowFunction) -> History:
        """A function of each row over several series, computed once a row. `name` stands for series and function."""
        known = self._reduced.get(name)
        start = 0 if known is None else len(known)
        if known is None or start < self._rows:
            first = self._values[places, 0].astype(np.float64)
            new = function(self._values[places, start : self._rows].astype(np.float64), first)
            known = self._reduced[name] = new if known is None else np.concatenate([known, new])
        return History(self.steps, known) if self.ordered else History.of([(self.steps, known)])

    def _make_room(self, n: int, frame: Frame) -> None:
        wanted = self._rows + n
        if wanted <= min(len(self._steps), self._values.shape[1]):
            return
        # Beyond the limit rows are forgotten: more room than that would stay empty.
        size = max(32, min(2 * len(self._steps), FIRST_ROWS + 2 * self._last_rows + n), wanted)
        steps, values = np.empty(size, np.int64), np.empty((len(self.keys), size), frame.values.dtype)
        steps[: self._rows] = self._steps[: self._rows]
        values[:, : self._rows] = self._values[:, : self._rows]
        self._steps, self._values = steps, values

    def _forget(self) -> None:
        """Keep the first rows and the last, in arrays of their own: histories in use are views of the old ones."""
        kept = np.r_[0:FIRST_ROWS, self._rows - self._last_rows : self._rows]
        self._reduced = {name: values[kept] for name, values in self._reduced.items() if len(values) == self._rows}
        steps, values = np.empty_like(self._steps), np.empty_like(self._values)
        steps[: len(kept)] = self._steps[kept]
        values[:, : len(kept)] = self._values[:, kept]
        self._steps, self._values, self._rows = steps, values, len(kept)
