"""Each report is stored once: the sequences of the writers add up to the run's cursor."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Row, select

from trainvitals_server.tables import Writer


def check(connection: Connection, run: Row[Any], looked_at: "Counter[str]") -> Iterator[str]:
    """Intervals ascend without touching, and hold as many sequences as the run has reports."""
    stored = 0
    for writer_id, intervals in connection.execute(
        select(Writer.writer_id, Writer.sequences).where(Writer.run_id == run.id)
    ):
        looked_at["writers"] += 1
        if any(first > last for first, last in intervals) or any(b[0] <= a[1] + 1 for a, b in pairwise(intervals)):
            yield f"the sequences of writer {writer_id} are out of order: {intervals[:5]}"
        stored += sum(last - first + 1 for first, last in intervals)
    if stored != run.cursor:
        yield f"{run.cursor} reports were counted, but its writers have {stored} sequences"
