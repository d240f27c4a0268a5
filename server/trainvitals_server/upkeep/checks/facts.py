"""Facts belong to reports that are stored."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, func, select

from trainvitals_server.tables import Fact


def check(connection: Connection, run: Row[Any], looked_at: "Counter[str]") -> Iterator[str]:
    """No fact lies beyond the run's cursor."""
    count, newest = connection.execute(select(func.count(), func.max(Fact.cursor)).where(Fact.run_id == run.id)).one()
    looked_at["facts"] += count
    if newest is not None and newest > run.cursor:
        yield f"a fact lies at report {newest}, beyond the {run.cursor} reports of the run"
