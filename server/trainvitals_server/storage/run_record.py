"""A run's row as the records of API.md."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Row

from trainvitals_server.storage import metrics
from trainvitals_server.tables import Run as RunTable
from trainvitals_wire.records import Run

COLUMNS = (
    RunTable.id,
    RunTable.project,
    RunTable.name,
    RunTable.status,
    RunTable.group,
    RunTable.tags,
    RunTable.notes,
    RunTable.archived,
    RunTable.pinned,
    RunTable.created_at,
    RunTable.last_seen_at,
    RunTable.finished_at,
    RunTable.last_step,
    RunTable.config,
    RunTable.summary,
    RunTable.metrics,
    RunTable.warnings,
    RunTable.overhead_fraction,
)


def run_record(row: Row[Any], run_url: Callable[[str], str]) -> Run:
    """The run as lists show it; what the user set in the summary stands over what was measured."""
    record: Run = {
        "id": row.id,
        "project": row.project,
        "name": row.name,
        "status": row.status,
        "group": row.group,
        "tags": row.tags,
        "notes": row.notes,
        "archived": row.archived,
        "pinned": row.pinned,
        "created_at": row.created_at,
        "last_seen_at": row.last_seen_at,
        "finished_at": row.finished_at,
        "last_step": row.last_step,
        "config": row.config,
        "summary": {**metrics.summary(row.metrics), **row.summary},
        "warnings": row.warnings,
        "overhead_fraction": row.overhead_fraction,
        "url": run_url(row.id),
    }
    return record
