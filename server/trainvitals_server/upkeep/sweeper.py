"""Clears deleted runs away, and gives their space back."""

from functools import partial

from sqlalchemy import Connection, Engine

from trainvitals_server.storage import deletion
from trainvitals_server.storage.engine import writing
from trainvitals_server.upkeep.slices import Slices

INCREMENTAL = 2
"""What `PRAGMA auto_vacuum` answers where a file can shrink page by page."""


class Sweeper:
    """Deletes the rows of buried runs; then lets a SQLite file shrink. Postgres' autovacuum does that by itself."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = writing(engine, "meanwhile")

    def sweep(self, slices: Slices) -> int:
        """Clear every buried run; returns how many it found."""
        with self._engine.connect() as connection:
            run_ids = deletion.buried(connection)
        for run_id in run_ids:
            if not slices.run(self._writing.begin, partial(_clear, run_id)):
                return len(run_ids)
        if run_ids and self._engine.dialect.name == "sqlite" and self._shrinks():
            slices.run(self._writing.begin, _shrink)
        return len(run_ids)

    def _shrinks(self) -> bool:
        with self._engine.connect() as connection:
            return connection.exec_driver_sql("PRAGMA auto_vacuum").scalar() == INCREMENTAL


def _clear(run_id: str, connection: Connection, rows: int) -> bool:
    return deletion.clear_slice(connection, run_id, rows)


def _shrink(connection: Connection, pages: int) -> bool:
    driver = connection.connection.driver_connection
    assert driver is not None
    # All rows must be fetched: each is one page given back.
    driver.execute(f"PRAGMA incremental_vacuum({pages})").fetchall()
    free: int = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
    return free > 0
