"""What a row of the run list needs beside the run, remembered for a moment: every open list asks for it again."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

KEPT_MAX = 2000
"""Rows remembered; those shown longest ago go first."""

FRESH_SECONDS = 5.0
"""Of a run that goes on, what was read so long ago still counts: the list looks as often."""

_Value = TypeVar("_Value")


class RowCache(Generic[_Value]):
    """Values by run, each with the state of the run that it belongs to; shared by threads. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[Hashable, tuple[Hashable, float, _Value]] = OrderedDict()
        self._lock = Lock()

    def get(self, name: Hashable, state: Hashable, read: Callable[[], _Value]) -> _Value:
        """The value of a row: the one that is kept where its state is the same, or was read just now; else `read()`."""
        with self._lock:
            kept = self._kept.get(name)
        now = self._clock()
        if kept is not None and (kept[0] == state or now - kept[1] < FRESH_SECONDS):
            return kept[2]
        value = read()
        with self._lock:
            self._kept[name] = state, now, value
            self._kept.move_to_end(name)
            while len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)
        return value
