"""The writer thread: commits whatever queued during the previous commit, never waits for more."""

import threading
from collections.abc import Callable, Sequence

from sqlalchemy import Engine

from trainvitals_server.storage.bounded import Bounded
from trainvitals_server.storage.commit import commit_reports
from trainvitals_server.storage.contract import Appended, Committed, Listener
from trainvitals_server.storage.engine import writing
from trainvitals_server.storage.known import KnownRun
from trainvitals_server.storage.queue import Pending, Queue
from trainvitals_server.storage.tail import Tail

KNOWN_RUNS_MAX = 512
"""Runs whose series and column lists are remembered; those of another are read again."""

_Done = tuple[Pending, Appended]


class Writer:
    """One thread, one queue, one transaction at a time.

    On SQLite a transaction takes reports of several runs; elsewhere one run a transaction, so that runs may live on
    different shards and no two servers wait for each other crosswise.
    """

    def __init__(
        self, engine: Engine, queue: Queue, tail: Tail, listener: Listener, clock: Callable[[], float]
    ) -> None:
        self._engine = writing(engine)
        self._many_runs = engine.dialect.name == "sqlite"
        self._queue = queue
        self._tail = tail
        self._listener = listener
        self._clock = clock
        self._known: Bounded[str, KnownRun] = Bounded(KNOWN_RUNS_MAX)
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to write."""
        self._thread = threading.Thread(target=self._run, name="trainvitals-writer", daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Wait until the closed queue is written."""
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while taken := self._queue.take():
            for group in self._transactions(taken):
                self._write(group)

    def _transactions(self, taken: list[Pending]) -> list[list[Pending]]:
        return [taken] if self._many_runs else list(_by_run(taken).values())

    def _write(self, group: list[Pending]) -> None:
        try:
            done = self._commit(group)
        except Exception as error:
            for pending in group:
                self._known.forget(pending.run_id)
            if len(group) > 1:
                # One bad report must not take the others with it.
                for pending in group:
                    self._write([pending])
            else:
                group[0].future.set_exception(error)
            return
        self._publish(done)

    def _commit(self, group: list[Pending]) -> list[_Done]:
        pending = _by_run(group)
        reports = {run_id: [item.report for item in found] for run_id, found in pending.items()}
        known = {run_id: self._known.get(run_id) for run_id in pending}
        with self._engine.begin() as connection:
            committed = commit_reports(connection, reports, known, self._clock())
        done: list[_Done] = []
        for run_id, (appended, knowledge) in committed.items():
            self._known.put(run_id, knowledge)
            done += zip(pending[run_id], appended, strict=True)
        return done

    def _publish(self, done: list[_Done]) -> None:
        committed = [Committed(item.run_id, appended.cursor, item.report) for item, appended in done if appended.stored]
        for item in committed:
            self._tail.add(item)
        for pending, appended in done:
            pending.future.set_result(appended)
        for item in committed:
            self._listener(item)


def _by_run(group: Sequence[Pending]) -> dict[str, list[Pending]]:
    runs: dict[str, list[Pending]] = {}
    for pending in group:
        runs.setdefault(pending.run_id, []).append(pending)
    return runs
