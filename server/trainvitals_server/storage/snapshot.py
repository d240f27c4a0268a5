"""One moment of the database for several questions: chunks and frames must be of the same."""

from typing import NamedTuple

from sqlalchemy import Connection, Engine, select

from trainvitals_server.storage import binary_answers
from trainvitals_server.storage.totals import NONE, Totals, unpacked
from trainvitals_server.tables import Compaction


def reading(engine: Engine) -> Engine:
    """The same engine for transactions that see one moment; SQLite's always do."""
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", **{binary_answers.OPTION: True})


class Compacted(NamedTuple):
    """How far a run is compacted: what `tables.Compaction` says."""

    version: int
    cursor: int
    frame_bytes: int
    totals: Totals


NOTHING = Compacted(0, 0, 0, NONE)


def compacted(connection: Connection, run_ids: list[str]) -> dict[str, Compacted]:
    """How far each run is compacted; runs that are not are left out."""
    columns = (Compaction.run_id, Compaction.version, Compaction.cursor, Compaction.frame_bytes, Compaction.totals)
    rows = connection.execute(select(*columns).where(Compaction.run_id.in_(run_ids)))
    return {row[0]: Compacted(row[1], row[2], row[3], unpacked(row[4])) for row in rows}
