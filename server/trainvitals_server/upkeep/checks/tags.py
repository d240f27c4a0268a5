"""The tags of the run are those that it is found by."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, select

from trainvitals_server.storage import plain
from trainvitals_server.tables import Tag


def check(connection: Connection, run: Row[Any], looked_at: "Counter[str]") -> Iterator[str]:
    """The same in both places."""
    stored = set(connection.execute(select(Tag.tag).where(Tag.run_id == run.id)).scalars())
    if stored != {plain.text(tag) for tag in run.tags}:
        yield f"its tags are {sorted(run.tags)}, but it is found by {sorted(stored)}"
