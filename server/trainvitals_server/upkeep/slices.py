"""Work in slices so short that reports hardly wait: SQLite has one writer at a time."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import Connection

SLICE_SECONDS = 0.02
"""How long one slice should hold the database; a report waits for one slice at most."""

REST = 1.0
"""Rest after a slice, in times of what it took: half of the time stays for reports."""

SIZE_MAX = 4096

Begin = Callable[[], AbstractContextManager[Connection]]
"""Begins a transaction."""


class Slices:
    """Finds how much work fits into a slice, by what the slices before took.

    `clock` gives seconds; `pause` waits for seconds and returns whether to stop.
    """

    def __init__(self, pause: Callable[[float], bool], clock: Callable[[], float] = time.perf_counter) -> None:
        self._pause = pause
        self._clock = clock
        self.size = 16

    def run(self, begin: Begin, slice_: Callable[[Connection, int], bool]) -> bool:
        """Call `slice_(connection, size)`, each time in a transaction of its own, until it returns False, for no more.

        False where it was stopped before.
        """
        while True:
            with begin() as connection:
                # From here: what the transaction waits for its turn is no work.
                began = self._clock()
                more = slice_(connection, self.size)
            took = self._clock() - began
            if took < SLICE_SECONDS / 2:
                self.size = min(2 * self.size, SIZE_MAX)
            elif took > SLICE_SECONDS:
                self.size = max(1, self.size // 2)
            if not more:
                return True
            if self._pause(max(took * REST, 0.001)):
                return False
