"""The guard: what goes wrong inside the SDK never reaches the training; it is counted by reason and said."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Literal

from trainvitals.terminal import Terminal

OnFault = Literal["count", "raise"]
REPEAT_SECONDS_MIN = 60.0
"""At most one terminal line a minute, however many faults there are."""


class Guard:
    """Counts faults and drops by reason; with `on_fault="raise"` (tests) a fault is raised again."""

    def __init__(
        self, on_fault: OnFault = "count", clock: Callable[[], float] = time.monotonic, terminal: Terminal | None = None
    ) -> None:
        self.terminal = terminal or Terminal()
        self._on_fault = on_fault
        self._clock = clock
        self._lock = threading.RLock()
        self._counts: Counter[str] = Counter()
        self._last_line = -REPEAT_SECONDS_MIN
        self._said: set[str] = set()

    def caught(self, reason: str, error: Exception) -> None:
        """An exception of our own: count it, say it at most once a minute."""
        self.drop(reason)
        if self._on_fault == "raise":
            raise error
        now = self._clock()
        if now - self._last_line >= REPEAT_SECONDS_MIN:
            self._last_line = now
            self.terminal.warn(f"{reason}: {type(error).__name__}: {error} (training goes on; counted as dropped)")

    def drop(self, reason: str, count: int = 1) -> None:
        """Count something that was not kept."""
        with self._lock:
            self._counts[reason] += count

    def warn_once(self, reason: str, message: str) -> None:
        """Say something about a reason the first time it happens."""
        with self._lock:
            if reason in self._said:
                return
            self._said.add(reason)
        self.terminal.warn(message)

    def count(self, reason: str) -> int:
        """How often a reason was counted."""
        return self._counts[reason]

    def counts(self) -> dict[str, int]:
        """All counts by reason, as reports carry them."""
        with self._lock:
            return dict(self._counts)
