"""The facts of one kind, as a run's reports brought them."""

from typing import Any

from sqlalchemy import Connection, select

from trainvitals_server.tables import Fact
from trainvitals_wire.records import Fact as WireFact

FACTS_MAX = 1000
"""The newest so many are read: kinds that come at each step (skipped steps) must not fill an answer."""


def facts(connection: Connection, run_id: str, kind: str, owner: str | None) -> list[WireFact]:
    """In the order in which they came; of `owner` alone where one is named."""
    chosen: Any = select(Fact.body).where(Fact.run_id == run_id, Fact.body["kind"].as_string() == kind)
    if owner is not None:
        chosen = chosen.where(Fact.body["owner"].as_string() == owner)
    rows = connection.execute(chosen.order_by(Fact.cursor.desc(), Fact.place.desc()).limit(FACTS_MAX)).scalars()
    return list(reversed(rows.all()))
