"""The transport of tests: keeps every report, and fails as it is told."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from trainvitals.spooled import Spooled
from trainvitals.transport.contract import Created, Request, TransportError
from trainvitals_wire.records import WarningEntry
from trainvitals_wire.report import Report

SCHEME = "memory://runs/"


class MemoryTransport:
    """Collects what a server would get.

    What stands in `reports` is read from the bytes that a server would get. Put
    errors into `failures`: each call that is not `close` takes the first one and raises it. `answers` are the new
    warnings that the next reports are answered with.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.reports: list[Report] = []
        self.heartbeats: list[tuple[int, int | None]] = []
        self.alerts: list[dict[str, Any]] = []
        self.changes: list[dict[str, Any]] = []
        self.failures: deque[TransportError] = deque()
        self.answers: deque[list[WarningEntry]] = deque()
        self.on_report: Callable[[Report], None] = lambda report: None
        self.next_step = 0
        self._seen: set[tuple[str, int]] = set()
        self._lock = threading.Lock()

    def create(self, request: Request, *, timeout_seconds: float) -> Created:
        self._fail()
        self.requests.append(request)
        return Created(request.id, SCHEME + request.id, f"writer-{len(self.requests)}", 1, self.next_step)

    def send(self, run_id: str, report: Spooled) -> Sequence[WarningEntry]:
        self._fail()
        arrived = report.report()
        with self._lock:
            if (report.writer_id, report.sequence) not in self._seen:
                self._seen.add((report.writer_id, report.sequence))
                self.reports.append(arrived)
                self.on_report(arrived)
        return self.answers.popleft() if self.answers else []

    def heartbeat(self, run_id: str, queued: int, last_step: int | None) -> None:
        self._fail()
        self.heartbeats.append((queued, last_step))

    def alert(self, run_id: str, alert: dict[str, Any]) -> None:
        self._fail()
        self.alerts.append(alert)

    def change(self, run_id: str, fields: dict[str, Any]) -> None:
        self._fail()
        self.changes.append(fields)

    def close(self) -> None:
        pass

    def values(self, key: str) -> dict[int, float]:
        """Every value of one series so far, by step; the last write wins."""
        found: dict[int, float] = {}
        for report in self.reports:
            for frame in report.frames:
                if key in frame.keys:
                    column = frame.values[:, frame.keys.index(key)]
                    found.update(zip(frame.steps.tolist(), column.tolist(), strict=True))
        return found

    def series(self) -> set[str]:
        """The keys of all series so far."""
        return {key for report in self.reports for frame in report.frames for key in frame.keys}

    def facts(self, kind: str) -> list[Any]:
        """All facts of one kind, in the order they came."""
        return [fact for report in self.reports for fact in report.facts if fact["kind"] == kind]

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.popleft()
