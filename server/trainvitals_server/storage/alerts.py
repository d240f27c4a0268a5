"""The alerts that a training script raised."""

from typing import Literal, TypedDict

from sqlalchemy import Connection, select

from trainvitals_server.storage import plain
from trainvitals_server.storage.insert import insert_new
from trainvitals_server.storage.runs import missing
from trainvitals_server.tables import Alert, Run

AlertLevel = Literal["info", "warn", "error"]


class AlertEntry(TypedDict):
    """An alert as it is shown."""

    id: str
    created_at: float
    title: str
    text: str
    level: AlertLevel
    step: int | None


def add(connection: Connection, run_id: str, entry: AlertEntry) -> None:
    """Store an alert; raises RunNotFound."""
    if connection.execute(select(Run.id).where(Run.id == run_id)).first() is None:
        raise missing(run_id)
    cleaned = plain.value(dict(entry))
    insert_new(connection, Alert, [{"run_id": run_id, **cleaned}])


def read(connection: Connection, run_id: str) -> list[AlertEntry]:
    """The alerts of a run, the oldest first."""
    columns = (Alert.id, Alert.created_at, Alert.title, Alert.text, Alert.level, Alert.step)
    rows = connection.execute(select(*columns).where(Alert.run_id == run_id).order_by(Alert.created_at, Alert.id))
    return [AlertEntry(**row) for row in rows.mappings()]  # type: ignore[typeddict-item]
