"""Compacts runs beside ingest, in a thread of its own that steps back whenever reports wait."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select

from trainvitals_server.storage.claim import Superseded
from trainvitals_server.storage.compaction import compact
from trainvitals_server.storage.contract import Committed
from trainvitals_server.storage.histogram_sums import add_up
from trainvitals_server.storage.store import Store
from trainvitals_server.storage.tiers import join
from trainvitals_server.tables import Frame, Run

HOT_STEPS = 4096
"""Steps that came to a run since it was compacted last, before it is again."""

HOT_BYTES = 16 * 2**20
"""The same, of a run with very many series."""

KEEP_REPORTS = 128
"""The newest reports of a run that goes on stay frames, up to HOT_BYTES: viewers resume and ranks are merged there."""

ENDED_ROWS_MIN = 64
"""A run that ended with fewer rows in frames is read as quickly from them."""

SWEEP_SECONDS = 30.0
"""How often runs are looked for that ended, or that another server left."""

BREATH = 3.0
"""While reports wait, so many times as long as a slice took is left to them after it."""

BREATH_BETWEEN = 1.0
"""The same where none waits but some came since the last slice: sent one at a time, the next is on its way."""

RUNNING = ("running", "stale")

logger = logging.getLogger(__name__)


class _Stopped(Exception):
    """The server ends."""


@dataclass(slots=True)
class _Heard:
    """What came to a run since it was compacted last."""

    steps: int = 0
    size_bytes: int = 0

    @property
    def due(self) -> bool:
        return self.steps >= HOT_STEPS or self.size_bytes >= HOT_BYTES


class Compactor:
    """One thread for all runs of a store; `start` begins, `close` breaks off what it does (the next pass clears up)."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._heard: dict[str, _Heard] = {}
        self._news = threading.Condition()
        self._stop = threading.Event()
        self._began = 0.0
        self._came = False
        self._thread: threading.Thread | None = None
        store.listen(self._committed)

    def start(self) -> None:
        """Begin to compact, first what was left when the last server ended."""
        self._thread = threading.Thread(target=self._work, name="trainvitals-compactor", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop between two transactions."""
        self._stop.set()
        with self._news:
            self._news.notify()
        if self._thread is not None:
            self._thread.join()

    def settle(self) -> None:
        """Compact everything that is due, now, in the caller's thread."""
        self._sweep()
        for run_id in self._due():
            self.compact(run_id)

    def compact(self, run_id: str, *, ended: bool = False) -> None:
        """Compact one run; one that has ended wholly, and into as few chunks as can be."""
        self._began = self._clock()
        engine = self._store.engine
        try:
            # As far as the run is now: one that grows as quickly as it is compacted must not keep others waiting.
            until = self._cursor(run_id) - (0 if ended else self._keep_reports(run_id))
            frames = 0
            while found := compact(engine, run_id, until=until, breathe=self._breathe):
                frames += found
            if frames:
                while join(engine, run_id, all_small=ended, breathe=self._breathe) and not ended:
                    pass
            add_up(engine, run_id, self._breathe)
        except Superseded:
            pass
        except _Stopped:
            raise
        except Exception:
            logger.exception("run %s could not be compacted; it is tried again later", run_id)

    def _committed(self, committed: Committed) -> None:
        frames = committed.report.frames
        self._came = True
        with self._news:
            heard = self._heard.setdefault(committed.run_id, _Heard())
            heard.steps += max((len(frame.steps) for frame in frames), default=0)
            heard.size_bytes += sum(frame.values.nbytes for frame in frames)
            if heard.due:
                self._news.notify()

    def _due(self) -> list[str]:
        with self._news:
            due = [run_id for run_id, heard in self._heard.items() if heard.due]
            for run_id in due:
                del self._heard[run_id]
            return due

    def _work(self) -> None:
        swept = -SWEEP_SECONDS
        try:
            while not self._stop.is_set():
                if self._clock() - swept >= SWEEP_SECONDS:
                    swept = self._clock()
                    self._sweep()
                for run_id in self._wait_for_due(swept + SWEEP_SECONDS - self._clock()):
                    self.compact(run_id)
        except _Stopped:
            pass

    def _wait_for_due(self, seconds: float) -> list[str]:
        with self._news:
            self._news.wait_for(lambda: self._stop.is_set() or any(own.due for own in self._heard.values()), seconds)
        return self._due()

    def _sweep(self) -> None:
        try:
            with self._store.engine.connect() as connection:
                query = select(Frame.run_id, func.sum(Frame.rows), Run.status).join(Run, Run.id == Frame.run_id)
                rows = connection.execute(query.group_by(Frame.run_id, Run.status)).all()
        except Exception:
            logger.exception("runs to be compacted could not be looked for")
            return
        for run_id, rows_waiting, status in rows:
            if status not in RUNNING and rows_waiting >= ENDED_ROWS_MIN:
                with self._news:
                    self._heard.pop(run_id, None)
                self.compact(run_id, ended=True)
            elif rows_waiting >= 2 * HOT_STEPS:
                self.compact(run_id)

    def _cursor(self, run_id: str) -> int:
        with self._store.engine.connect() as connection:
            return connection.execute(select(Run.cursor).where(Run.id == run_id)).scalar() or 0

    def _keep_reports(self, run_id: str) -> int:
        with self._store.engine.connect() as connection:
            row = connection.execute(select(Run.cursor, Run.frame_bytes).where(Run.id == run_id)).one_or_none()
        if row is None or not row.frame_bytes:
            return 0
        fitting: int = HOT_BYTES * row.cursor // row.frame_bytes
        return min(KEEP_REPORTS, fitting)

    def _breathe(self) -> None:
        spent = self._clock() - self._began
        breath = BREATH if self._store.queued() else BREATH_BETWEEN if self._came else 0.0
        if self._stop.wait(breath * spent):
            raise _Stopped
        self._came = False
        self._began = self._clock()
