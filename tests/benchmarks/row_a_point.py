"""The plain design that reads are compared with: a table with a row a point, asked in SQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine

from trainvitals_server.storage.engine import writing

TABLE = "CREATE TABLE point (run TEXT, series INTEGER, step BIGINT, value REAL, PRIMARY KEY (run, series, step))"
CURVE = (
    "SELECT step / {width}, min(value), max(value), avg(value), count(*) FROM point "
    "WHERE run = 'long' AND series = 0 GROUP BY step / {width} ORDER BY 1"
)
HEAT_MAP = (
    "SELECT series, step / {width}, avg(value) FROM point "
    "WHERE run = 'wide' GROUP BY series, step / {width} ORDER BY 1, 2"
)
DELETION = "DELETE FROM point WHERE run = 'wide'"
SIZE = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_total_relation_size('point')",
}


class Rows:
    """The table, filled run by run."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.points = 0
        with writing(engine).begin() as connection:
            connection.exec_driver_sql(TABLE)
        self._empty = self._size()

    def fill(self, run: str, series: int, steps: int) -> None:
        """A run with so many series of so many steps."""
        self.points += series * steps
        entries = ((run, number, step, 0.5) for number in range(series) for step in range(steps))
        with writing(self._engine).begin() as connection:
            driver = connection.connection.cursor()
            if self._engine.dialect.name == "sqlite":
                driver.executemany("INSERT INTO point VALUES (?, ?, ?, ?)", entries)
                return
            with driver.copy("COPY point FROM STDIN") as copy:  # type: ignore[attr-defined]
                for entry in entries:
                    copy.write_row(entry)
        with self._apart() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE point")

    def ask(self, question: str) -> list[Any]:
        """The rows of an answer."""
        with self._engine.connect() as connection:
            return list(connection.exec_driver_sql(question))

    def delete(self) -> None:
        """Delete the wide run."""
        with writing(self._engine).begin() as connection:
            connection.exec_driver_sql(DELETION)

    def bytes_a_point(self) -> float:
        """Stored bytes for each point."""
        return (self._size() - self._empty) / self.points

    def _size(self) -> int:
        return int(self.ask(SIZE[self._engine.dialect.name])[0][0])

    @contextmanager
    def _apart(self) -> Iterator[Any]:
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection
