"""Series are numbered without gaps, and each series of a column list is among them."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, select

from trainvitals_server.tables import Columns, Series
from trainvitals_wire.frame import columns_id
from trainvitals_wire.names import kind_of


def check(connection: Connection, run: Row[Any], looked_at: "Counter[str]") -> Iterator[str]:
    """Numbers from 0 to the run's count; column lists name themselves right and hold known series."""
    query = select(Series.series_id, Series.kind, Series.key).where(Series.run_id == run.id).order_by(Series.series_id)
    names = set()
    numbers = []
    for number, kind, key in connection.execute(query):
        numbers.append(number)
        names.add((kind, key))
    looked_at["series"] += len(numbers)
    if numbers != list(range(run.series_count)):
        yield f"{run.series_count} series were counted, but there are {len(numbers)}, or their numbers have gaps"
    for identifier, text in connection.execute(
        select(Columns.columns_id, Columns.keys).where(Columns.run_id == run.id)
    ):
        keys = text.split("\n")
        if columns_id(keys) != identifier:
            yield f"column list {identifier} does not fit its keys"
        if lost := [key for key in keys if (kind_of(key), key) not in names]:
            yield f"column list {identifier} names {len(lost)} series that are not listed, such as {lost[0]!r}"
