"""The stored warnings and incidents of a run."""

from typing import Any

from sqlalchemy import Connection, delete, select, update

from trainvitals_server.muting import counts, muted
from trainvitals_server.storage import mutes
from trainvitals_server.storage.insert import insert_new
from trainvitals_server.storage.runs import lock
from trainvitals_server.tables import Incident, RuleStates, Run, StoredWarning
from trainvitals_wire.records import SEVERITIES, Warnings


def replace(connection: Connection, run_id: str, warnings: Warnings) -> None:
    """Store the present warnings, incidents and rules in place of the former; raises RunNotFound."""
    lock(connection, run_id)
    entries: tuple[tuple[type[Any], list[Any]], ...] = (
        (StoredWarning, [*warnings["warnings"]]),
        (Incident, [*warnings["incidents"]]),
    )
    for table, bodies in entries:
        connection.execute(delete(table).where(table.run_id == run_id))
        rows = [{"run_id": run_id, "id": body["id"], "place": n, "body": body} for n, body in enumerate(bodies)]
        insert_new(connection, table, rows)
    connection.execute(delete(RuleStates).where(RuleStates.run_id == run_id))
    if "rules" in warnings:
        insert_new(connection, RuleStates, [{"run_id": run_id, "body": warnings["rules"]}])
    count(connection, run_id)


def count(connection: Connection, run_id: str) -> None:
    """Count anew how many warnings fire that no mute silences."""
    counted = counts(shown(connection, run_id))
    connection.execute(update(Run).where(Run.id == run_id).values(warnings=dict(counted)))


def shown(connection: Connection, run_id: str) -> Warnings:
    """What readers see: as it was stored, with the mutes of the run."""
    return muted(read(connection, run_id), mutes.mutings(mutes.read(connection, run_id)))


def read(connection: Connection, run_id: str) -> Warnings:
    """The warnings, incidents and rules as they were stored, worst first, then by onset."""
    found: list[list[Any]] = []
    for table in (StoredWarning, Incident):
        rows = connection.execute(select(table.body).where(table.run_id == run_id).order_by(table.place))
        found.append(list(rows.scalars()))
    told: Warnings = {"warnings": _ranked(found[0]), "incidents": _ranked(found[1])}
    rules = connection.execute(select(RuleStates.body).where(RuleStates.run_id == run_id)).scalar()
    if rules is not None:
        told["rules"] = rules
    return told


def _ranked(entries: list[Any]) -> list[Any]:
    # A stable sort: what the diagnosis put first among equals stays first.
    return sorted(entries, key=lambda entry: (-SEVERITIES.index(entry["severity"]), entry["first_step"]))
