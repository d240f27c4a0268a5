"""The sender: a daemon thread that makes reports of what was collected, spools them, and brings them to the server."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from trainvitals.collector import Collected, Collector
from trainvitals.guard import Guard
from trainvitals.link import Link
from trainvitals.spool import Spool, SpoolFull
from trainvitals.transport.contract import Busy, Refused, TransportError, Unacceptable
from trainvitals_wire.records import WarningEntry
from trainvitals_wire.report import Report

TICK_SECONDS = 0.125
"""How often the collector is emptied: a value waits at most this long, under the promised 150 ms. Each time costs the
training up to a millisecond, mostly for the interpreter lock."""
TICK_SECONDS_AWAY = 1.0
"""The same while reports wait in the spool: fewer, larger reports."""
HEARTBEAT_SECONDS = 5.0
RETRY_SECONDS_FIRST = 0.5
RETRY_SECONDS_MAX = 10.0
ALERTS_MAX = 1000


class Sender:
    """Owns the way out of the process; `tick` is one round, which tests call themselves.

    A report is written to the spool before it is sent and leaves it after the server's 202 alone.
    """

    def __init__(
        self,
        *,
        collector: Collector,
        spool: Spool,
        link: Link,
        guard: Guard,
        capture: Callable[[], dict[str, Any]] = dict,
        on_taken: Callable[[Collected], None] = lambda taken: None,
        told: Callable[[Collected], Collected] = lambda taken: taken,
        on_tick: Callable[[], None] = lambda: None,
        on_warnings: Callable[[Sequence[WarningEntry]], None] = lambda found: None,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._collector = collector
        self._spool = spool
        self._link = link
        self._guard = guard
        self._capture = capture
        self._on_taken = on_taken
        self._told_of = told
        self._on_tick = on_tick
        self._on_warnings = on_warnings
        self._clock = clock
        self._pause = pause
        self._alerts: deque[dict[str, Any]] = deque(maxlen=ALERTS_MAX)
        self._sequence = max(link.next_sequence - 1, spool.last_sequence)
        self._told: dict[str, int] = {}
        self._retry_at = 0.0
        self._retry_seconds = RETRY_SECONDS_FIRST
        self._heartbeat_at = clock() + HEARTBEAT_SECONDS
        self._collect_at = 0.0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.cpu_seconds = 0.0

    def start(self) -> None:
        self._thread = threading.Thread(target=self._work, name="trainvitals-sender", daemon=True)
        self._thread.start()

    @property
    def queued(self) -> int:
        """Reports that the server has not acknowledged."""
        return len(self._spool)

    @property
    def waiting_alerts(self) -> list[dict[str, Any]]:
        return list(self._alerts)

    def alert(self, alert: dict[str, Any]) -> None:
        if len(self._alerts) == ALERTS_MAX:
            self._guard.drop("alerts_full")
        self._alerts.append(alert)

    def stop(self, timeout_seconds: float) -> None:
        """Bring out what is left, at most until the time is over; what stays is in the spool."""
        deadline = self._clock() + timeout_seconds
        self._stop.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout_seconds)
            if self._thread.is_alive():
                return
        self._round(self._collect_all)
        self._retry_at = 0.0
        while (self.queued or self._alerts) and not self._link.offline and self._clock() < deadline:
            self._retry_at = 0.0
            if not self._round(self._deliver):
                return
            if self._retry_at:
                self._pause(max(0.0, min(self._retry_at, deadline) - self._clock()))

    def tick(self) -> None:
        """Collect, spool, send; never raises."""
        now = self._clock()
        self._round(self._on_tick)
        if now >= self._collect_at or not self.queued:
            self._round(self._collect)
            self._collect_at = now + TICK_SECONDS_AWAY
        if now >= self._retry_at and not self._link.offline:
            self._retry_at = 0.0
            self._round(self._deliver)
            self._round(self._heartbeat)

    def _work(self) -> None:
        while not self._stop.wait(TICK_SECONDS):
            self.tick()
            self.cpu_seconds = time.thread_time()

    def _round(self, part: Callable[[], object]) -> bool:
        """One part of a tick; sets when to try again. False where our own code failed."""
        try:
            part()
        except Busy as busy:
            self._retry_at = self._clock() + busy.seconds
        except Refused as refused:
            self._link.refuse(refused)
        except TransportError:
            self._retry_at = self._clock() + self._retry_seconds
            self._retry_seconds = min(self._retry_seconds * 2, RETRY_SECONDS_MAX)
        except Exception as error:
            self._guard.caught("sender", error)
            return False
        return True

    def _collect_all(self) -> None:
        while self._collect():
            pass

    def _collect(self) -> bool:
        taken = self._collector.take()
        self._on_taken(taken)
        more = bool(taken)
        taken = self._told_of(taken)
        dropped = self._guard.counts()
        if not taken and dropped == self._told:
            return more
        self._told = dropped
        self._sequence += 1
        report = Report(
            writer_id=self._link.writer_id,
            sequence=self._sequence,
            frames=tuple(taken.frames),
            histograms=tuple(taken.histograms),
            layers=taken.layers,
            facts=tuple(taken.facts),
            dropped=dropped,
            capture=self._capture(),
        )
        try:
            self._spool.append(report)
        except SpoolFull as error:
            lost = sum(frame.values.size for frame in taken.frames) + len(taken.histograms)
            self._guard.drop("disk_full", lost)
            self._guard.warn_once("disk_full", f"{self._spool.directory} takes no more ({error}): values are lost")
        if self._spool.disk_error is not None:
            self._guard.warn_once("disk", f"the disk says no ({self._spool.disk_error}): reports wait in memory")
        return more

    def _deliver(self) -> None:
        if self._link.offline or not (self.queued or self._alerts):
            return
        self._link.connect()
        while (report := self._spool.oldest()) is not None:
            try:
                warnings = self._link.send(report)
            except Unacceptable as error:
                self._guard.drop("report_refused")
                self._guard.terminal.warn(f"the server refused report {report.sequence}, which is lost: {error}")
                warnings = []
            self._spool.acknowledge()
            self._retry_seconds = RETRY_SECONDS_FIRST
            self._on_warnings(warnings)
        while self._alerts:
            self._link.alert(self._alerts[0])
            self._alerts.popleft()

    def _heartbeat(self) -> None:
        if self._clock() < self._heartbeat_at or not self._link.connected:
            return
        self._heartbeat_at = self._clock() + HEARTBEAT_SECONDS
        self._link.heartbeat(self.queued, self._collector.last_step)
