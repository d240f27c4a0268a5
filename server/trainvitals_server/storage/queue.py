"""The bounded queue between the callers of `append` and a writer thread."""

import threading
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass

from trainvitals_server.storage.contract import Appended
from trainvitals_server.storage.errors import QueueFull, StorageError
from trainvitals_wire.report import Report

QUEUE_REPORTS_MAX = 1024
"""Reports that may wait for a writer."""

QUEUE_BYTES_MAX = 32 * 2**20
"""Bytes of decoded reports that may wait for a writer; one alone may be larger."""

COMMIT_REPORTS_MAX = 64
"""Reports in one transaction: enough to share its cost, few enough that nobody waits long for it."""

RETRY_AFTER_SECONDS = 1.0
"""What a sender is told who finds the queue full."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A report on its way to the database."""

    run_id: str
    report: Report
    size_bytes: int
    future: "Future[Appended]"


class Queue:
    """First in, first out, with a limit on number and size."""

    def __init__(self, reports_max: int) -> None:
        self._reports_max = reports_max
        self._pending: deque[Pending] = deque()
        self._bytes = 0
        self._closed = False
        self._changed = threading.Condition()

    def put(self, pending: Pending) -> None:
        """Add one; raises QueueFull, or StorageError once closed."""
        with self._changed:
            if self._closed:
                raise StorageError("the store is closed")
            full = len(self._pending) >= self._reports_max
            if full or (self._pending and self._bytes + pending.size_bytes > QUEUE_BYTES_MAX):
                raise QueueFull(RETRY_AFTER_SECONDS)
            self._pending.append(pending)
            self._bytes += pending.size_bytes
            self._changed.notify()

    def take(self) -> list[Pending]:
        """All that waits, up to one transaction's worth; blocks until there is something, empty once closed."""
        with self._changed:
            while not self._pending and not self._closed:
                self._changed.wait()
            taken = [self._pending.popleft() for _ in range(min(len(self._pending), COMMIT_REPORTS_MAX))]
            self._bytes -= sum(pending.size_bytes for pending in taken)
            return taken

    def close(self) -> None:
        """Take no more; what waits is still handed out."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __len__(self) -> int:
        return len(self._pending)
