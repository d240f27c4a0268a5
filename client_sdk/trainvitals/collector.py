"""The collector: everything that is waiting to go into the next report."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from trainvitals_wire.frame import Frame
from trainvitals_wire.histogram import Histogram
from trainvitals_wire.limits import FRAME_STEPS_MAX
from trainvitals_wire.records import Fact, Layer

CELLS_MAX = 4_000_000
"""Numbers that may wait for a report; past it new ones are dropped and counted (`queue_full`)."""
INBOX_ROWS_MAX = 256
"""Rows that may wait to be sorted in; the training thread only sorts where the sender does not come to it."""
FRAME_CELLS_MAX = 1_000_000
"""Numbers in one report, which keeps its body well under the wire's limit."""


class Pending(Protocol):
    """A number that a device has not finished yet; `float()` waits for it, off the training thread."""

    def __float__(self) -> float: ...


Number = float | Pending
Row = Sequence[Number] | NDArray[np.float32]


@dataclass(slots=True)
class _Rows:
    """`later` are the open rows that share a series with these and are told behind them."""

    steps: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    greatest: int = -1
    later: "list[_Rows]" = field(default_factory=list)

    def first(self, count: int) -> "_Rows":
        return _Rows(self.steps[:count], self.times[:count], self.values[:count])

    def after(self, count: int) -> "_Rows":
        return _Rows(self.steps[count:], self.times[count:], self.values[count:])


_Kind = type[np.floating[Any]]
_Part = tuple[tuple[str, ...], _Kind, _Rows]
_Write = tuple[tuple[str, ...], _Kind, int, float, Row]


@dataclass(slots=True)
class Collected:
    """What one report is made of."""

    frames: list[Frame] = field(default_factory=list)
    histograms: list[Histogram] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    layers: tuple[Layer, ...] | None = None

    def __bool__(self) -> bool:
        return bool(self.frames or self.histograms or self.facts or self.layers is not None)


class Collector:
    """Takes numbers from any thread in less than a microsecond and gives them out as dense frames.

    A write goes into the inbox, without a lock; the sender's thread sorts the inbox into rows.

    `several_ranks` tells those who capture that their numbers are merged with those of other processes.
    """

    def __init__(self, drop: Callable[[str, int], None], *, several_ranks: bool = False) -> None:
        self._drop = drop
        self.several_ranks = several_ranks
        self._lock = threading.RLock()
        self._inbox: deque[_Write] = deque()
        self._rows: dict[tuple[tuple[str, ...], _Kind], _Rows] = {}
        self._of_key: dict[str, list[_Rows]] = {}
        self._sealed: list[_Part] = []
        self._rest = Collected()
        self._cells = 0
        self._layers: dict[object, tuple[Layer, ...]] = {}
        self.last_step: int | None = None

    def metrics(self, keys: tuple[str, ...], step: int, time: float, values: Row) -> None:
        """A row of the user's metrics (float64)."""
        self._inbox.append((keys, np.float64, step, time, values))
        if len(self._inbox) > INBOX_ROWS_MAX:
            self._sort_in()

    def statistics(self, keys: tuple[str, ...], step: int, time: float, values: Row) -> None:
        """A row of statistics (float32)."""
        self._inbox.append((keys, np.float32, step, time, values))
        if len(self._inbox) > INBOX_ROWS_MAX:
            self._sort_in()

    def _sort_in(self) -> None:
        """The writes of the inbox become rows, in the order they were made."""
        with self._lock:
            while self._inbox:
                self._add(*self._inbox.popleft())

    def _add(self, keys: tuple[str, ...], kind: _Kind, step: int, time: float, values: Row) -> None:
        if self._cells + len(keys) > CELLS_MAX:
            self._drop("queue_full", len(keys))
            return
        rows = self._rows.get((keys, kind))
        if rows is None or rows.later:
            rows = self._open(keys, kind, step)
        if rows.steps and rows.steps[-1] == step:
            rows.values[-1] = values
            rows.times[-1] = time
            if kind is np.float64:
                # The server counts the values that reach it and are replaced there.
                self._drop("replaced", len(keys))
            return
        if step > rows.greatest:
            rows.greatest = step
        rows.steps.append(step)
        rows.times.append(time)
        rows.values.append(values)
        self._cells += len(keys)
        if self.last_step is None or step > self.last_step:
            self.last_step = step

    def _open(self, keys: tuple[str, ...], kind: _Kind, step: int) -> _Rows:
        """The rows a write goes into: it must be told behind every earlier write of the same series and step."""
        rows = self._rows.get((keys, kind))
        if rows is not None and any(step <= other.greatest for other in rows.later):
            self._seal()
            rows = None
        if rows is None:
            rows = self._rows[keys, kind] = _Rows()
            for key in keys if kind is np.float64 else ():
                sharing = self._of_key.setdefault(key, [])
                for other in sharing:
                    other.later.append(rows)
                sharing.append(rows)
        return rows

    def histogram(self, histogram: Histogram) -> None:
        with self._lock:
            if self._cells + len(histogram.buckets) > CELLS_MAX:
                self._drop("queue_full", 1)
                return
            self._cells += len(histogram.buckets)
            self._rest.histograms.append(histogram)

    def fact(self, fact: Fact) -> None:
        with self._lock:
            self._rest.facts.append(fact)

    def layers(self, watch: object, layers: tuple[Layer, ...]) -> None:
        """The layers of one watch; a report tells those of all watches, one after the other, each name once."""
        with self._lock:
            self._layers[watch] = layers
            every = {layer["name"]: layer for part in self._layers.values() for layer in part}
            self._rest.layers = tuple(Layer(**{**layer, "order": order}) for order, layer in enumerate(every.values()))

    def _seal(self) -> None:
        """What was added before now is told before what is added from now on."""
        self._sealed.extend((keys, kind, rows) for (keys, kind), rows in self._rows.items())
        self._rows, self._of_key = {}, {}

    def take(self) -> Collected:
        """At most one report's worth, oldest first; waits for pending numbers, so never on the training thread."""
        with self._lock:
            self._sort_in()
            self._seal()
            taken, self._rest = self._rest, Collected()
            waiting = self._cut()
            self._cells = sum(len(keys) * len(rows.steps) for keys, _, rows in self._sealed)
        taken.frames.extend(_frame(*part) for part in waiting)
        return taken

    def _cut(self) -> list[_Part]:
        """Takes parts off the front until a report is full; the last one is cut in two where it has to be."""
        cells = FRAME_CELLS_MAX
        taken: list[_Part] = []
        while self._sealed and cells > 0:
            keys, kind, rows = self._sealed.pop(0)
            fits = min(max(1, cells // len(keys)), FRAME_STEPS_MAX)
            taken.append((keys, kind, rows.first(fits)))
            cells -= fits * len(keys) if len(rows.steps) > fits else len(rows.steps) * len(keys)
            if len(rows.steps) > fits:
                self._sealed.insert(0, (keys, kind, rows.after(fits)))
        return taken


def _frame(keys: tuple[str, ...], kind: _Kind, rows: _Rows) -> Frame:
    with np.errstate(over="ignore"):
        # numpy asks a pending number for its `__float__`.
        values = np.array(rows.values, dtype=kind).reshape(len(rows.steps), len(keys))
    return Frame(keys, np.array(rows.steps, dtype=np.int64), np.array(rows.times, dtype=np.float64), values)
