"""The mutes of a run."""

from sqlalchemy import Connection, delete, select

from trainvitals_server.muting import Muting
from trainvitals_server.storage import plain
from trainvitals_server.storage.errors import MuteNotFound, TooManyMutes
from trainvitals_server.storage.insert import insert_new
from trainvitals_server.storage.runs import lock
from trainvitals_server.tables import Mute
from trainvitals_wire import records

MUTES_MAX = 1000
"""Most mutes of a run."""


def add(connection: Connection, run_id: str, entry: records.Mute) -> None:
    """Store a mute; raises RunNotFound and TooManyMutes."""
    lock(connection, run_id)
    if len(read(connection, run_id)) >= MUTES_MAX:
        raise TooManyMutes(f"run {run_id} has {MUTES_MAX} mutes, which is the most; mute by a pattern instead")
    insert_new(connection, Mute, [{"run_id": run_id, **plain.value(dict(entry))}])


def remove(connection: Connection, run_id: str, mute_id: str) -> None:
    """Remove a mute; raises RunNotFound and MuteNotFound."""
    lock(connection, run_id)
    this = (Mute.run_id == run_id, Mute.id == mute_id)
    if connection.execute(select(Mute.id).where(*this)).first() is None:
        raise MuteNotFound(f"run {run_id} has no mute {mute_id!r}")
    connection.execute(delete(Mute).where(*this))


def read(connection: Connection, run_id: str) -> list[records.Mute]:
    """The mutes of a run, the oldest first."""
    columns = (Mute.id, Mute.rule, Mute.layers, Mute.reason, Mute.created_at)
    rows = connection.execute(select(*columns).where(Mute.run_id == run_id).order_by(Mute.created_at, Mute.id))
    return [records.Mute(**row) for row in rows.mappings()]  # type: ignore[typeddict-item]


def mutings(entries: list[records.Mute]) -> list[Muting]:
    """The same as `muting.muted` takes them."""
    return [Muting(entry["rule"], (entry["layers"],), entry["reason"], entry["id"]) for entry in entries]
