"""The stored warnings and incidents of a run."""

from typing import Any

from sqlalchemy import Connection, delete, select, update

from trainvitals_server.storage.insert import insert_new
from trainvitals_server.storage.runs import missing
from trainvitals_server.tables import Incident, Run, StoredWarning
from trainvitals_wire.records import SEVERITIES, Warnings


def replace(connection: Connection, run_id: str, warnings: Warnings) -> None:
    """Store the present warnings and incidents in place of the former; raises RunNotFound."""
    if connection.execute(select(Run.id).where(Run.id == run_id).with_for_update()).first() is None:
        raise missing(run_id)
    counts = dict.fromkeys(SEVERITIES, 0)
    for warning in warnings["warnings"]:
        if warning["state"] == "firing":
            counts[warning["severity"]] += 1
    entries: tuple[tuple[type[Any], list[Any]], ...] = (
        (StoredWarning, [*warnings["warnings"]]),
        (Incident, [*warnings["incidents"]]),
    )
    for table, bodies in entries:
        connection.execute(delete(table).where(table.run_id == run_id))
        rows = [{"run_id": run_id, "id": body["id"], "place": n, "body": body} for n, body in enumerate(bodies)]
        insert_new(connection, table, rows)
    connection.execute(update(Run).where(Run.id == run_id).values(warnings=counts))


def read(connection: Connection, run_id: str) -> Warnings:
    """The warnings and incidents as they were stored, worst first, then by onset."""
    found: list[list[Any]] = []
    for table in (StoredWarning, Incident):
        rows = connection.execute(select(table.body).where(table.run_id == run_id).order_by(table.place))
        found.append(list(rows.scalars()))
    return {"warnings": _ranked(found[0]), "incidents": _ranked(found[1])}


def _ranked(entries: list[Any]) -> list[Any]:
    # A stable sort: what the diagnosis put first among equals stays first.
    return sorted(entries, key=lambda entry: (-SEVERITIES.index(entry["severity"]), entry["first_step"]))
