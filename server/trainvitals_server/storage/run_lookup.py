"""Finds the run that a person means."""

from dataclasses import dataclass
from typing import cast

from sqlalchemy import Connection, select

from trainvitals_server.storage.errors import RunNotFound, RunUnclear
from trainvitals_server.tables import Run
from trainvitals_wire.records import RunStatus

NAMED_MAX = 5
"""So many of several runs are named in the message."""


@dataclass(frozen=True, slots=True)
class FoundRun:
    """A run as a command line shows it."""

    id: str
    project: str
    name: str
    status: RunStatus
    last_step: int | None


def look_up(connection: Connection, word: str) -> FoundRun:
    """The run with this id, else the only one whose id begins so or whose name it is.

    Raises RunNotFound, and RunUnclear where several runs fit.
    """
    query = select(Run.id, Run.project, Run.name, Run.status, Run.last_step).order_by(Run.created_at.desc(), Run.id)
    for fits in (Run.id == word, Run.name == word, Run.id.startswith(word, autoescape=True)):
        rows = connection.execute(query.where(fits).limit(NAMED_MAX + 1))
        found = [FoundRun(row.id, row.project, row.name, cast(RunStatus, row.status), row.last_step) for row in rows]
        if len(found) > 1:
            ids = ", ".join(run.id for run in found[:NAMED_MAX])
            more = ", and more" if len(found) > NAMED_MAX else ""
            raise RunUnclear(f"{word!r} may be any of {ids}{more}; name the run by its id")
        if found:
            return found[0]
    raise RunNotFound(f"there is no run {word!r}")
