"""Creating, changing and deleting the row of a run."""

from collections.abc import Callable, Sequence
from typing import Any, cast, get_args

from sqlalchemy import Connection, CursorResult, Row, delete, select, update

from trainvitals_server.storage import deletion, plain
from trainvitals_server.storage.commit import write_layers
from trainvitals_server.storage.contract import CreatedRun, Headline, NewRun
from trainvitals_server.storage.errors import RunExists, RunNotFound, StorageError
from trainvitals_server.storage.identity import new_id
from trainvitals_server.storage.insert import insert_new
from trainvitals_server.tables import Run, Tag, Writer
from trainvitals_wire.records import RunStatus

ENDED: tuple[RunStatus, ...] = ("finished", "failed", "aborted")
_MERGED = ("summary", "config", "environment")
_CHANGEABLE = ("name", "tags", "notes", "group", "archived", "pinned", "error", *_MERGED)
EMPTY: dict[str, Any] = {
    "archived": False,
    "archived_at": None,
    "pinned": False,
    "error": None,
    "finished_at": None,
    "summary": {},
    "metrics": {},
    "warnings": {"critical": 0, "warning": 0, "note": 0},
    "overhead_fraction": None,
    "last_step": None,
    "stored_step": None,
    "queued": 0,
    "cursor": 0,
    "series_count": 0,
    "frame_bytes": 0,
}


def create(connection: Connection, new: NewRun, clock: Callable[[], float]) -> CreatedRun:
    """Create or resume a run and give it a new writer; raises RunExists or RunNotFound."""
    run_id = plain.text(new.id) if new.id is not None else new_id(clock)
    found = _locked(connection, run_id) if new.id is not None else None
    if found is None and new.resume == "must":
        raise RunNotFound(f'there is no run {run_id} to resume; resume="allow" would create it')
    epoch = None
    if found is None:
        deletion.clear(connection, run_id)
        epoch = _insert(connection, run_id, new, clock)
        found = _locked(connection, run_id)
        assert found is not None
    # Another server may have created the run in between: then its epoch stands in the row, not ours.
    if found.epoch != epoch and new.resume == "never":
        raise _exists(run_id)
    if found.epoch != epoch:
        _resume(connection, found, new, clock())
    if new.layers is not None:
        write_layers(connection, run_id, list(new.layers))
    writer_id = new_id(clock)
    row = {"run_id": run_id, "writer_id": writer_id, "created_at": clock()}
    insert_new(connection, Writer, [{**row, "sequences": [], "dropped": {}, "capture": {}}])
    next_step = 0 if found.stored_step is None else found.stored_step + 1
    return CreatedRun(run_id, writer_id, next_sequence=1, next_step=next_step)


def change(connection: Connection, run_id: str, changes: dict[str, Any], now: float) -> None:
    """Change a run's own words; dictionaries are merged, everything else is replaced, unknown names are left out."""
    found = _locked(connection, run_id)
    if found is None:
        raise missing(run_id)
    if found.status == "failed" and changes.get("status") in ("failed", "aborted"):
        # One process of several has failed, and takes the others with it: the first failure is the one to show.
        changes = {name: value for name, value in changes.items() if name not in ("status", "error")}
    values = {name: changes[name] for name in _CHANGEABLE if name in changes}
    for name in _MERGED:
        if name in values:
            values[name] = {**getattr(found, name), **values[name]}
    if "tags" in values:
        values["tags"] = list(dict.fromkeys(values["tags"]))
        connection.execute(delete(Tag).where(Tag.run_id == run_id))
        _insert_tags(connection, run_id, values["tags"])
    if "archived" in values:
        values["archived_at"] = (found.archived_at or now) if values["archived"] else None
    if "status" in changes:
        values |= _status(changes["status"], now)
    if values:
        cleaned = {name: plain.text(item) if isinstance(item, str) else item for name, item in values.items()}
        connection.execute(update(Run).where(Run.id == run_id).values(**cleaned))


def remove(connection: Connection, run_id: str, now: float) -> None:
    """Delete a run; what is left of it goes in slices (`deletion`). Raises RunNotFound."""
    if not deletion.bury(connection, run_id, now):
        raise missing(run_id)


def lock(connection: Connection, run_id: str) -> None:
    """Take the run's row until the transaction ends; raises RunNotFound."""
    if connection.execute(select(Run.id).where(Run.id == run_id).with_for_update()).first() is None:
        raise missing(run_id)


def beat(connection: Connection, run_id: str, last_step: int | None, queued: int, now: float) -> None:
    """Note that a run lives; a stale or crashed one runs again. Raises RunNotFound."""
    found = _locked(connection, run_id)
    if found is None:
        raise missing(run_id)
    steps = [step for step in (found.last_step, last_step) if step is not None]
    status = "running" if found.status in ("stale", "crashed") else found.status
    connection.execute(
        update(Run)
        .where(Run.id == run_id)
        .values(last_seen_at=now, queued=queued, last_step=max(steps, default=None), status=status)
    )


def set_status(
    connection: Connection, run_id: str, status: RunStatus, error: dict[str, Any] | None, now: float
) -> None:
    """Set the status, and the error where there is one; raises RunNotFound."""
    values = _status(status, now) | ({} if error is None else {"error": error})
    changed = connection.execute(update(Run).where(Run.id == run_id).values(**values))
    if cast(CursorResult[Any], changed).rowcount == 0:
        raise missing(run_id)


def headlines(connection: Connection, run_ids: Sequence[str]) -> dict[str, Headline]:
    """What changes about these runs, of those that are there."""
    columns = (Run.status, Run.last_step, Run.last_seen_at, Run.warnings)
    rows = connection.execute(select(Run.id, *columns).where(Run.id.in_(run_ids)))
    return {run_id: Headline(**dict(zip(Headline.__annotations__, row, strict=True))) for run_id, *row in rows}  # type: ignore[typeddict-item]


def silent(connection: Connection, unseen_since: float, statuses: tuple[RunStatus, ...]) -> list[str]:
    """The runs of these statuses that were last seen before a time."""
    where = (Run.status.in_(statuses), Run.last_seen_at < unseen_since)
    return list(connection.execute(select(Run.id).where(*where).order_by(Run.id)).scalars())


def mark(
    connection: Connection, run_id: str, unseen_since: float, statuses: tuple[RunStatus, ...], status: RunStatus
) -> bool:
    """Set the status of a run if it is still silent; whether it was."""
    changed = connection.execute(
        update(Run)
        .where(Run.id == run_id, Run.status.in_(statuses), Run.last_seen_at < unseen_since)
        .values(status=status)
    )
    return cast(CursorResult[Any], changed).rowcount > 0


def missing(run_id: str) -> RunNotFound:
    """The error for a run that is not there."""
    return RunNotFound(f"there is no run {run_id}; it may have been deleted")


def _exists(run_id: str) -> RunExists:
    return RunExists(f'run {run_id} is there already; resume="allow" goes on with it')


def _locked(connection: Connection, run_id: str) -> Row[Any] | None:
    columns = (
        Run.id,
        Run.epoch,
        Run.status,
        Run.archived_at,
        Run.stored_step,
        Run.last_step,
        Run.summary,
        Run.config,
        Run.environment,
    )
    return connection.execute(select(*columns).where(Run.id == run_id).with_for_update(key_share=True)).one_or_none()


def _insert(connection: Connection, run_id: str, new: NewRun, clock: Callable[[], float]) -> str:
    """Insert the row where there is none; returns the epoch that a row of ours has."""
    now, tags, epoch = clock(), list(dict.fromkeys(new.tags)), new_id(clock)
    row = {
        **EMPTY,
        "id": run_id,
        "project": plain.text(new.project),
        "name": plain.text(new.name),
        "group": None if new.group is None else plain.text(new.group),
        "tags": tags,
        "notes": None if new.notes is None else plain.text(new.notes),
        "config": new.config,
        "environment": new.environment,
        "status": "running",
        "created_at": now,
        "last_seen_at": now,
        "epoch": epoch,
    }
    insert_new(connection, Run, [row])
    _insert_tags(connection, run_id, tags)
    return epoch


def _insert_tags(connection: Connection, run_id: str, tags: list[str]) -> None:
    insert_new(connection, Tag, [{"run_id": run_id, "tag": plain.text(tag)} for tag in tags])


def _resume(connection: Connection, found: Row[Any], new: NewRun, now: float) -> None:
    values: dict[str, Any] = {"status": "running", "finished_at": None, "error": None, "last_seen_at": now}
    values["config"] = {**found.config, **new.config}
    values["environment"] = {**found.environment, **new.environment}
    connection.execute(update(Run).where(Run.id == found.id).values(**values))


def _status(status: RunStatus, now: float) -> dict[str, Any]:
    if status not in get_args(RunStatus):
        raise StorageError(f"{status!r} is no status of a run; there are {', '.join(get_args(RunStatus))}")
    return {"status": status, "finished_at": now if status in ENDED else None}
