"""The one door to the database for all that writes; everything behind it is synchronous and called from threads."""

import logging
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import Any, cast

from sqlalchemy import Connection, Engine, select

from trainvitals_server.storage import alerts, mutes, replay, run_lookup, runs, snapshot, warnings
from trainvitals_server.storage.alerts import AlertEntry, AlertLevel
from trainvitals_server.storage.api_keys import ApiKeys
from trainvitals_server.storage.arrival import read_report
from trainvitals_server.storage.bounded import Bounded
from trainvitals_server.storage.contract import (
    Appended,
    Committed,
    CreatedRun,
    Headline,
    Listener,
    NewRun,
    Position,
    RunTraits,
    Since,
)
from trainvitals_server.storage.engine import writing
from trainvitals_server.storage.identity import new_id
from trainvitals_server.storage.queue import QUEUE_REPORTS_MAX, Pending, Queue
from trainvitals_server.storage.room import report_bytes
from trainvitals_server.storage.run_lookup import FoundRun
from trainvitals_server.storage.tail import Tail
from trainvitals_server.storage.writer import KNOWN_RUNS_MAX, Writer
from trainvitals_server.tables import Compaction, Run
from trainvitals_wire.records import Mute, RunStatus, Warnings
from trainvitals_wire.report import Report

POSTGRES_WRITERS = 4
"""Writer threads on Postgres; a run always goes to the same one."""

SINCE_REPORTS_MAX = 4096
"""A viewer further behind than this fetches the run again."""

STALE_AFTER_SECONDS = 15.0
"""Three missed heartbeats."""

CRASHED_AFTER_SECONDS = 300.0
"""Silence after which a run counts as crashed."""

logger = logging.getLogger(__name__)


class Store:
    """Writes runs and reports, and tells listeners of them.

    `clock` gives seconds since 1970; `queue_reports_max` bounds the reports that wait for each writer thread.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Callable[[], float] = time.time,
        queue_reports_max: int = QUEUE_REPORTS_MAX,
    ) -> None:
        self.engine = engine
        self.clock = clock
        self.api_keys = ApiKeys(engine, clock)
        self._writing = writing(engine)
        self._listeners: list[Listener] = []
        self._tail = Tail()
        self._columns: Bounded[str, dict[str, tuple[str, ...]]] = Bounded(KNOWN_RUNS_MAX)
        count = 1 if engine.dialect.name == "sqlite" else POSTGRES_WRITERS
        self._queues = [Queue(queue_reports_max) for _ in range(count)]
        self._writers = [Writer(engine, queue, self._tail, self._tell, clock) for queue in self._queues]

    def start(self) -> None:
        """Start the writer threads; until then reports queue."""
        for writer in self._writers:
            writer.start()

    def close(self) -> None:
        """Write what waits, then stop."""
        for queue in self._queues:
            queue.close()
        for writer in self._writers:
            writer.join()

    # Runs

    def create_run(self, new: NewRun) -> CreatedRun:
        """Create or resume a run; each call gives a new writer. Raises RunExists or RunNotFound."""
        with self._writing.begin() as connection:
            return runs.create(connection, new, self.clock)

    def patch_run(self, run_id: str, changes: dict[str, Any]) -> None:
        """Change `name tags notes group archived pinned status summary config environment error`.

        `summary`, `config` and `environment` are merged into what is there; unknown names are ignored. Raises
        RunNotFound.
        """
        with self._writing.begin() as connection:
            runs.change(connection, run_id, changes, self.clock())

    def delete_run(self, run_id: str) -> None:
        """Delete a run: gone at once, its rows slice by slice (`upkeep.sweeper`). Raises RunNotFound."""
        with self._writing.begin() as connection:
            runs.remove(connection, run_id, self.clock())
        self._tail.forget(run_id)
        self._columns.forget(run_id)

    def heartbeat(self, run_id: str, last_step: int | None, queued: int) -> None:
        """Note that a run lives; a stale or crashed one is running again. Raises RunNotFound."""
        with self._writing.begin() as connection:
            runs.beat(connection, run_id, last_step, queued, self.clock())

    def set_status(self, run_id: str, status: RunStatus, error: dict[str, Any] | None = None) -> None:
        """Set the status of a run, and its error. Raises RunNotFound."""
        with self._writing.begin() as connection:
            runs.set_status(connection, run_id, status, error, self.clock())

    def look_up(self, word: str) -> FoundRun:
        """The run of this id, name, or beginning of an id. Raises RunNotFound, and RunUnclear where several fit."""
        with self.engine.connect() as connection:
            return run_lookup.look_up(connection, word)

    def headlines(self, run_ids: Sequence[str]) -> dict[str, Headline]:
        """What changes about these runs, of those that are there; reads their rows alone."""
        with self.engine.connect() as connection:
            return runs.headlines(connection, run_ids)

    def silent_runs(self, seconds: float, statuses: tuple[RunStatus, ...] = ("running", "stale")) -> list[str]:
        """The runs of these statuses of which nothing was heard for more than `seconds`."""
        with self.engine.connect() as connection:
            return runs.silent(connection, self.clock() - seconds, statuses)

    def mark_silent(
        self,
        *,
        stale_after_seconds: float = STALE_AFTER_SECONDS,
        crashed_after_seconds: float = CRASHED_AFTER_SECONDS,
    ) -> list[tuple[str, RunStatus]]:
        """Set silent runs to stale, and longer silent ones to crashed; returns what changed.

        A run that came back in the meantime is left alone, also on another server of the same database.
        """
        steps: tuple[tuple[float, tuple[RunStatus, ...], RunStatus], ...] = (
            (crashed_after_seconds, ("running", "stale"), "crashed"),
            (stale_after_seconds, ("running",), "stale"),
        )
        changed: list[tuple[str, RunStatus]] = []
        for seconds, statuses, status in steps:
            unseen_since = self.clock() - seconds
            for run_id in self.silent_runs(seconds, statuses):
                with self._writing.begin() as connection:
                    if runs.mark(connection, run_id, unseen_since, statuses, status):
                        changed.append((run_id, status))
        return changed

    # Reports

    def append(self, run_id: str, body: bytes) -> "Future[Appended]":
        """Queue a report; the future is done once it is durable.

        Raises at once WireError (the body is no report), RunNotFound or QueueFull. The future raises RunNotFound
        where the run was deleted while the report waited.
        """
        report = read_report(body, self._known_columns(run_id))
        pending = Pending(run_id, report, report_bytes(report), Future())
        # A caller who goes away must not cancel what the writer is about to answer.
        pending.future.set_running_or_notify_cancel()
        self._queues[zlib.crc32(run_id.encode()) % len(self._queues)].put(pending)
        return pending.future

    def remembers(self, run_id: str) -> bool:
        """Whether `append` need not ask the database about the run."""
        return self._columns.get(run_id) is not None

    def queued(self) -> int:
        """Reports that wait to be written."""
        return sum(len(queue) for queue in self._queues)

    def listen(self, listener: Listener) -> None:
        """Call `listener` after each commit, in the writer's thread, in the order of the run's cursors: be quick."""
        self._listeners.append(listener)

    def position(self, run_id: str) -> Position:
        """The present cursor, epoch and status. Raises RunNotFound."""
        with self.engine.connect() as connection:
            return _position(connection, run_id)

    def since(self, run_id: str, cursor: int, keys: Sequence[str]) -> Since | None:
        """All frames of the series `keys` after a cursor; None where the cursor is unknown or too far behind.

        Too far is also where frames after it became chunks: the viewer fetches the run again.

        Raises RunNotFound.
        """
        # Where memory knows of nothing new, another server may have written: only the database can tell.
        if recent := self._tail.since(run_id, cursor):
            frames = [frame for committed in recent for frame in committed.report.frames]
            return Since.of(recent[-1].cursor, frames, keys)
        with snapshot.reading(self.engine).connect() as connection:
            present = _position(connection, run_id).cursor
            compacted = connection.execute(select(Compaction.cursor).where(Compaction.run_id == run_id)).scalar() or 0
            if not compacted <= cursor <= present or present - cursor > SINCE_REPORTS_MAX:
                return None
            frames = [frame for _, frame in replay.frames(connection, run_id, cursor, present)]
        return Since.of(present, frames, keys)

    def reports(self, run_id: str, *, compacted: bool = True) -> Iterator[Report]:
        """What is stored of a run; the first report carries the layers.

        First what was compacted, by ascending step (its numbers only with `compacted`), then the rest as it came.
        """
        return replay.reports(self.engine, run_id, compacted=compacted)

    # What is said about a run

    def replace_warnings(self, run_id: str, found: Warnings) -> None:
        """Store the present warnings and incidents. Raises RunNotFound."""
        with self._writing.begin() as connection:
            warnings.replace(connection, run_id, found)

    def warnings(self, run_id: str) -> Warnings:
        """The warnings and incidents as they were last stored, without mutes; none for an unknown run."""
        with self.engine.connect() as connection:
            return warnings.read(connection, run_id)

    def add_mute(self, run_id: str, rule: str, layers: str, reason: str) -> Mute:
        """Silence a rule of a run for the layers that a shell pattern fits. Raises RunNotFound and TooManyMutes."""
        identity = new_id(self.clock)
        entry = Mute(id=identity, rule=rule, layers=layers, reason=reason, created_at=self.clock())
        with self._writing.begin() as connection:
            mutes.add(connection, run_id, entry)
            warnings.count(connection, run_id)
        return entry

    def remove_mute(self, run_id: str, mute_id: str) -> None:
        """Let a rule speak again. Raises RunNotFound and MuteNotFound."""
        with self._writing.begin() as connection:
            mutes.remove(connection, run_id, mute_id)
            warnings.count(connection, run_id)

    def mutes(self, run_id: str) -> list[Mute]:
        """The mutes of a run, the oldest first; none for an unknown run."""
        with self.engine.connect() as connection:
            return mutes.read(connection, run_id)

    def traits(self, run_id: str) -> RunTraits:
        """What rules may be chosen by. Raises RunNotFound."""
        with self.engine.connect() as connection:
            query = select(Run.project, Run.name, Run.tags, Run.config).where(Run.id == run_id)
            row = connection.execute(query).one_or_none()
        if row is None:
            raise runs.missing(run_id)
        return RunTraits(row.project, row.name, tuple(row.tags), row.config)

    def add_alert(
        self, run_id: str, title: str, text: str = "", level: AlertLevel = "info", step: int | None = None
    ) -> AlertEntry:
        """Store an alert of the training script. Raises RunNotFound."""
        identity = new_id(self.clock)
        entry = AlertEntry(id=identity, created_at=self.clock(), title=title, text=text, level=level, step=step)
        with self._writing.begin() as connection:
            alerts.add(connection, run_id, entry)
        return entry

    def alerts(self, run_id: str) -> list[AlertEntry]:
        """The alerts of a run, the oldest first."""
        with self.engine.connect() as connection:
            return alerts.read(connection, run_id)

    def _known_columns(self, run_id: str) -> dict[str, tuple[str, ...]]:
        found = self._columns.get(run_id)
        if found is None:
            with self.engine.connect() as connection:
                if connection.execute(select(Run.id).where(Run.id == run_id)).first() is None:
                    raise runs.missing(run_id)
                found = replay.column_lists(connection, run_id)
            self._columns.put(run_id, found)
        return found

    def _tell(self, committed: Committed) -> None:
        for listener in self._listeners:
            try:
                listener(committed)
            except Exception:
                logger.exception("a listener failed on report %s of run %s", committed.cursor, committed.run_id)


def _position(connection: Connection, run_id: str) -> Position:
    row = connection.execute(select(Run.cursor, Run.epoch, Run.status).where(Run.id == run_id)).one_or_none()
    if row is None:
        raise runs.missing(run_id)
    return Position(row.cursor, row.epoch, cast(RunStatus, row.status))
