"""The right to compact a run: one pass at a time, whoever began last."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, func, select, update

from trainvitals_server.storage import snapshot, sweeping
from trainvitals_server.storage.engine import writing
from trainvitals_server.storage.insert import insert_new
from trainvitals_server.storage.totals import NONE, packed
from trainvitals_server.tables import Compaction, Run

_LOCK = "trainvitals compaction"


class Superseded(Exception):
    """The run was deleted, or another pass works on it."""


class Claim:
    """Marks the run's compaction as ours, after undoing what a pass left that broke off.

    The mark fences passes off from each other: once another pass has set its own, every further transaction of ours
    raises Superseded. On Postgres an advisory lock keeps other servers from setting theirs while we live.
    """

    def __init__(self, engine: Engine, run_id: str) -> None:
        self.run_id = run_id
        self._engine = writing(engine, "meanwhile")
        self._owner: str | None = None
        self._lock = _advisory_lock(engine, run_id)
        try:
            self.before = self._take()
        except BaseException:
            self.give_up()
            raise

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction that writes, with the run's row held against deletion; raises Superseded."""
        with self._engine.begin() as connection:
            self._hold(connection)
            owner = connection.execute(select(Compaction.owner).where(Compaction.run_id == self.run_id)).scalar()
            if owner != self._owner:
                raise Superseded(f"another pass compacts run {self.run_id}")
            yield connection

    def finish(self) -> None:
        """Nothing is left to undo."""
        with self.transaction() as connection:
            connection.execute(update(Compaction).where(Compaction.run_id == self.run_id).values(owner=None))

    def give_up(self) -> None:
        """Let others compact the run; what is not finished they undo."""
        if self._lock is not None:
            with self._lock as connection:
                connection.execute(select(func.pg_advisory_unlock(*_name(self.run_id))))

    def _take(self) -> snapshot.Compacted:
        owner = secrets.token_hex(8)
        with self._engine.begin() as connection:
            self._hold(connection)
            row = {"version": 0, "cursor": 0, "owner": None, "frame_bytes": 0, "totals": packed(NONE)}
            insert_new(connection, Compaction, [{"run_id": self.run_id, **row}])
            of_run = Compaction.run_id == self.run_id
            broken_off = connection.execute(select(Compaction.owner).where(of_run)).scalar() is not None
            before = snapshot.compacted(connection, [self.run_id])[self.run_id]
            if broken_off:
                sweeping.sweep(connection, self.run_id, before.version)
            connection.execute(update(Compaction).where(of_run).values(owner=owner))
        self._owner = owner
        return before

    def _hold(self, connection: Connection) -> None:
        row = select(Run.id).where(Run.id == self.run_id).with_for_update(read=True, key_share=True)
        if connection.execute(row).first() is None:
            raise Superseded(f"run {self.run_id} was deleted")


def _advisory_lock(engine: Engine, run_id: str) -> Connection | None:
    if engine.dialect.name == "sqlite":
        return None
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    if not connection.execute(select(func.pg_try_advisory_lock(*_name(run_id)))).scalar():
        connection.close()
        raise Superseded(f"another server compacts run {run_id}")
    return connection


def _name(run_id: str) -> tuple[Any, Any]:
    return func.hashtext(_LOCK), func.hashtext(run_id)
