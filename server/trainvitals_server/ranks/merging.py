"""Merges the shares of ranks beside ingest, in a thread of its own, and stores what comes of it as a report of the run.

Recording rules of Prometheus work so: what is derived is written once, as a series like any other, so that storage,
live channel, diagnosis and pages need not know of ranks.
"""

import logging
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from threading import Condition, Thread
from typing import Protocol

from trainvitals_server.ranks.gathering import WRITER_PREFIX, Gathering
from trainvitals_server.storage.contract import Appended, Committed, Listener, Position
from trainvitals_server.storage.errors import QueueFull, RunNotFound
from trainvitals_server.storage.room import report_bytes
from trainvitals_wire.encoding import encode
from trainvitals_wire.ranks import split_rank
from trainvitals_wire.report import Report

LOOK_SECONDS = 0.25
"""How often steps that wait are looked at where nothing new comes."""
RUNS_MAX = 64
WAITING_MAX = 512
"""Reports of a run that may wait; past it they are read back from the store, so that memory is bounded."""
WAITING_BYTES_MAX = 8 * 2**20
"""The same in bytes."""
CLOSE_SECONDS_MAX = 5.0

logger = logging.getLogger(__name__)


class Reports(Protocol):
    """What merging needs of the store."""

    def listen(self, listener: Listener) -> None: ...

    def position(self, run_id: str) -> Position: ...

    def reports(self, run_id: str, *, compacted: bool = True) -> Iterator[Report]: ...

    def append(self, run_id: str, body: bytes) -> "Future[Appended]": ...


class _Run:
    def __init__(self, clock: Callable[[], float]) -> None:
        self.gathering = Gathering(clock)
        self.waiting: list[Committed] = []
        self.waiting_bytes = 0
        self.cursor = 0
        self.unsent: list[bytes] = []
        self.sequence = 0
        self.writer_id = WRITER_PREFIX + uuid.uuid4().hex

    def take_waiting(self) -> list[Committed]:
        """What waited; then nothing does."""
        waiting, self.waiting, self.waiting_bytes = self.waiting, [], 0
        return waiting


class Merging:
    """One gathering a run of several ranks; other runs cost one look at each frame's first key."""

    def __init__(self, store: Reports, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._runs: OrderedDict[str, _Run] = OrderedDict()
        self._news = Condition()
        self._closed = False
        self._last: Future[Appended] | None = None
        self._thread: Thread | None = None
        store.listen(self._committed)

    def start(self) -> None:
        """Begin to merge."""
        self._thread = Thread(target=self._work, name="trainvitals-ranks", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Merge what there is, and wait until it is stored."""
        with self._news:
            self._closed = True
            self._news.notify()
        if self._thread is not None:
            self._thread.join()
        self.settle(everything=True)
        if self._last is not None:
            self._last.exception(CLOSE_SECONDS_MAX)

    def settle(self, *, everything: bool = False) -> None:
        """Merge what is ready, now, in the caller's thread; `everything`: also what waits for other ranks."""
        with self._news:
            runs = list(self._runs.items())
        for run_id, run in runs:
            try:
                self._merge(run_id, run, everything)
            except RunNotFound:
                self._forget(run_id)
            except Exception:
                logger.exception("the ranks of run %s could not be merged; its next report starts anew", run_id)
                self._forget(run_id)

    def _committed(self, committed: Committed) -> None:
        with self._news:
            run = self._runs.get(committed.run_id)
            if run is None:
                if not _of_rank(committed.report):
                    return
                run = self._runs[committed.run_id] = _Run(self._clock)
            if len(run.waiting) >= WAITING_MAX or run.waiting_bytes >= WAITING_BYTES_MAX:
                run.take_waiting()
            run.waiting.append(committed)
            run.waiting_bytes += report_bytes(committed.report)
            self._runs.move_to_end(committed.run_id)
            self._news.notify()

    def _work(self) -> None:
        while True:
            with self._news:
                if self._closed:
                    return
                if not any(run.waiting for run in self._runs.values()):
                    open_steps = any(run.gathering.waits or run.unsent for run in self._runs.values())
                    self._news.wait(LOOK_SECONDS if open_steps else None)
                if self._closed:
                    return
            self.settle()

    def _merge(self, run_id: str, run: _Run, everything: bool) -> None:
        with self._news:
            waiting = run.take_waiting()
        for committed in waiting:
            self._add(run_id, run, committed)
        frames, histograms = run.gathering.ready(everything=everything)
        if frames or histograms:
            run.sequence += 1
            report = Report(run.writer_id, run.sequence, tuple(frames), tuple(histograms))
            run.unsent.append(encode(report))
        while run.unsent:
            try:
                self._last = self._store.append(run_id, run.unsent[0])
            except QueueFull:
                break
            run.unsent.pop(0)
        self._let_go()

    def _add(self, run_id: str, run: _Run, committed: Committed) -> None:
        if committed.cursor <= run.cursor:
            return
        if committed.cursor != run.cursor + 1:
            # Reports were stored before this server began, or by another server between.
            run.gathering = Gathering(self._clock)
            run.cursor = self._store.position(run_id).cursor
            # What was compacted was merged before: the newest reports are left alone for a while.
            for report in self._store.reports(run_id, compacted=False):
                run.gathering.add(report)
            return
        run.gathering.add(committed.report)
        run.cursor = committed.cursor

    def _let_go(self) -> None:
        with self._news:
            idle = [run_id for run_id, run in self._runs.items() if not run.waiting and not run.gathering.waits]
            for run_id in idle[: max(0, len(self._runs) - RUNS_MAX)]:
                del self._runs[run_id]

    def _forget(self, run_id: str) -> None:
        with self._news:
            self._runs.pop(run_id, None)


def _of_rank(report: Report) -> bool:
    if any(fact["kind"] == "rank" for fact in report.facts):
        return True
    return any(split_rank(frame.keys[0])[0] is not None for frame in report.frames)
