"""Turns at the one write lock of a SQLite file, among the threads of this process.

SQLite lets who waits look again after ever longer pauses, so that one who writes again and again keeps others waiting
for long. Here who waits is called at once; reports before house-keeping. Other processes meet as SQLite has them meet.
"""

import threading
from collections import deque
from typing import Literal

Urgency = Literal["now", "meanwhile"]
"""`meanwhile` lets everybody pass who is there `now`."""


class Turns:
    """A lock that is handed on: to the first of those who want it now, else to the first of the others."""

    def __init__(self) -> None:
        self._taken = False
        self._lock = threading.Lock()
        self._waiting: dict[Urgency, deque[threading.Event]] = {"now": deque(), "meanwhile": deque()}

    def take(self, urgency: Urgency, timeout_seconds: float) -> bool:
        """Wait for a turn; False where none came in time."""
        with self._lock:
            if not self._taken:
                self._taken = True
                return True
            called = threading.Event()
            self._waiting[urgency].append(called)
        if called.wait(timeout_seconds):
            return True
        with self._lock:
            # Called between the end of the wait and here, the turn is ours.
            if called.is_set():
                return True
            self._waiting[urgency].remove(called)
            return False

    def give(self) -> None:
        """End a turn."""
        with self._lock:
            waiting = self._waiting["now"] or self._waiting["meanwhile"]
            if waiting:
                waiting.popleft().set()
            else:
                self._taken = False
