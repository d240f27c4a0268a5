"""Judges every run beside ingest, in a thread of its own: it may lag, and never delays or fails a report."""

import logging
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, RLock, Thread

from trainvitals_server.diagnosis.rules_file import RulesFile
from trainvitals_server.diagnosis.ward import WAITING_BYTES_MAX, Reports, Ward
from trainvitals_server.storage.contract import Committed
from trainvitals_server.storage.errors import RunNotFound
from trainvitals_server.storage.room import Room
from trainvitals_wire.records import RunStatus, WarningEntry, Warnings

EVALUATION_SECONDS = 0.5
"""Least time between two evaluations of a run."""
REFRESH_SECONDS = 5.0
"""Least time between two writes of warnings of which only the numbers moved."""
RUNS_MAX = 64
"""Runs held in memory; one that is silent for longest is let go, and rebuilt from the store when it comes back."""
JUDGES_BYTES_MAX = 96 * 2**20
"""Memory for what all judges remember of the series; of many wide runs each remembers fewer steps."""
NUMBER_BYTES = 4
CATCH_UP_SHARE = 0.1
"""Part of the time that goes into reading runs anew whose commits were more than could wait."""

UNFINISHED: tuple[RunStatus, ...] = ("running", "stale")
"""A run that ended otherwise was judged then."""

logger = logging.getLogger(__name__)

Changed = Callable[[str, Warnings], None]


class Diagnosis:
    """One judge a run, fed by the store's commits.

    `changed(run_id, warnings)` is called in the diagnosis' thread after news was stored: a warning or incident that
    came, went or became worse. `rules` is the user's rules file. `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        store: Reports,
        changed: Changed | None = None,
        *,
        rules: RulesFile | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._changed = changed
        self._rules = rules
        self._clock = clock
        self._wards: OrderedDict[str, Ward] = OrderedDict()
        self._room = Room(WAITING_BYTES_MAX)
        self._catch_up_at = -math.inf
        self._passed_over = 0
        self._news = Condition()
        self._judging = RLock()
        self._closed = False
        self._thread: Thread | None = None
        store.listen(self._committed)

    def start(self) -> None:
        """Start judging; until then commits wait. Runs that were going when the last server ended are judged once."""
        try:
            unfinished = self._store.silent_runs(0.0, UNFINISHED)
        except Exception:
            logger.exception("the runs that were going on could not be read; each is judged with its next report")
            unfinished = []
        with self._news:
            for run_id in unfinished[-RUNS_MAX:]:
                self._ward(run_id).rebuild()
        self._thread = Thread(target=self._work, name="trainvitals-diagnosis", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Judge what waits, then stop."""
        with self._news:
            self._closed = True
            self._news.notify()
        if self._thread is not None:
            self._thread.join()
        self.settle()
        for ward in self._unwritten():
            self._write(ward)

    def settle(self) -> None:
        """Judge everything that waits, now, in the caller's thread."""
        for ward in self._waiting():
            self._judge(ward)

    @property
    def passed_over(self) -> int:
        """Commits that were not judged as they came, because too many waited; they are judged later, from the store."""
        with self._news:
            return self._passed_over + sum(ward.passed_over for ward in self._wards.values())

    def finish(self, run_id: str, planned: bool = False) -> None:
        """A run has ended, as it was planned or not: judge it a last time and let it go."""
        with self._news:
            ward = self._wards.get(run_id)
        if ward is not None:
            self._judge(ward, planned)
            if ward.unwritten:
                self._write(ward)
            self._forget(run_id)

    def new_warnings(self, run_id: str, writer_id: str) -> list[WarningEntry]:
        """The firing warnings that are new, or worse, since the last answer to that writer."""
        with self._news:
            ward = self._wards.get(run_id)
            return ward.news(writer_id) if ward is not None else []

    def mutes_changed(self, run_id: str) -> None:
        """A mute of the run came or went: it holds from the next answer to a writer on."""
        with self._news:
            ward = self._wards.get(run_id)
        if ward is not None:
            ward.read_mutes()

    def _committed(self, committed: Committed) -> None:
        with self._news:
            self._ward(committed.run_id).put(committed)
            self._news.notify()

    def _ward(self, run_id: str) -> Ward:
        ward = self._wards.get(run_id)
        if ward is None:
            ward = self._wards[run_id] = Ward(run_id, self._store, self._rules, self._room)
            self._let_go()
        self._wards.move_to_end(run_id)
        return ward

    def _let_go(self) -> None:
        idle = [run_id for run_id, ward in self._wards.items() if not ward.waits and not ward.unwritten]
        for run_id in idle[: max(0, len(self._wards) - RUNS_MAX)]:
            self._drop(run_id)

    def _drop(self, run_id: str) -> None:
        ward = self._wards.pop(run_id, None)
        if ward is not None:
            self._passed_over += ward.passed_over
            ward.release()

    def _work(self) -> None:
        while True:
            with self._news:
                now = self._clock()
                if self._closed:
                    return
                due = {ward: self._due_at(ward) for ward in self._wards.values() if ward.waits or ward.unwritten}
                ready = [ward for ward, at in due.items() if at <= now]
                if not ready:
                    self._news.wait(min((at - now for at in due.values()), default=None))
                    continue
            for ward in ready:
                if ward.waits:
                    self._judge(ward)
                else:
                    self._write(ward)

    def _waiting(self) -> list[Ward]:
        with self._news:
            return [ward for ward in self._wards.values() if ward.waits]

    def _unwritten(self) -> list[Ward]:
        with self._news:
            return [ward for ward in self._wards.values() if ward.unwritten]

    def _judge(self, ward: Ward, ended: bool = False) -> None:
        with self._judging, self._caught(ward):
            now = self._clock()
            ward.due_at = now + EVALUATION_SECONDS
            lagged = ward.lags
            news = ward.judge(now, ended)
            if lagged:
                after = self._clock()
                self._catch_up_at = after + (after - now) * (1 / CATCH_UP_SHARE - 1)
            self._share_memory()
            if news or (ward.unwritten and now - ward.written_at >= REFRESH_SECONDS):
                self._store_warnings(ward)
            if news and self._changed is not None:
                self._changed(ward.run_id, ward.warnings)

    def _share_memory(self) -> None:
        """Let wide runs remember less where all of them together remember too much; the widest first."""
        with self._news:
            wards = sorted(self._wards.values(), key=lambda ward: ward.nbytes, reverse=True)
        total = sum(ward.nbytes for ward in wards)
        # A column list holds up to twice what is kept of it before it forgets again.
        share = JUDGES_BYTES_MAX // NUMBER_BYTES // max(1, len(wards)) // 2
        for ward in wards:
            if total <= JUDGES_BYTES_MAX:
                return
            if ward.cells_max > share:
                total -= ward.nbytes
                ward.narrow(share)

    def _write(self, ward: Ward) -> None:
        with self._judging, self._caught(ward):
            self._store_warnings(ward)

    def _store_warnings(self, ward: Ward) -> None:
        ward.write()
        ward.written_at = self._clock()

    @contextmanager
    def _caught(self, ward: Ward) -> Iterator[None]:
        try:
            yield
        except RunNotFound:
            self._forget(ward.run_id)
        except Exception:
            logger.exception("diagnosis of run %s failed; its next report starts it anew", ward.run_id)
            self._forget(ward.run_id)

    def _forget(self, run_id: str) -> None:
        with self._news:
            self._drop(run_id)

    def _due_at(self, ward: Ward) -> float:
        """When a run is to be judged again, or its moved numbers to be written."""
        if ward.lags:
            return max(ward.due_at, self._catch_up_at)
        return ward.due_at if ward.waits else ward.written_at + REFRESH_SECONDS
