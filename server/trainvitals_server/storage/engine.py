"""Opening the database: SQLite or Postgres, checked before anything relies on it."""

from pathlib import Path
from typing import Any, Literal

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from trainvitals_server.storage import binary_answers, plain
from trainvitals_server.storage.errors import DatabaseUnusable
from trainvitals_server.storage.sqlite_connection import SqliteConnection
from trainvitals_server.storage.sqlite_file import check_file, unusable
from trainvitals_server.storage.turns import Turns, Urgency

Synchronous = Literal["FULL", "NORMAL"]
BUSY_TIMEOUT_SECONDS = 30.0
"""How long a SQLite transaction waits for the writer before it."""

CONNECT_TIMEOUT_SECONDS = 5
POOL = {"pool_size": 8, "max_overflow": 24}
"""Connections: about one for each thread that the web framework starts."""

_WRITES = "trainvitals_writes"
_TURN = "trainvitals_turn"


def open_engine(url: str, *, synchronous: Synchronous = "FULL") -> Engine:
    """An engine for `sqlite:///PATH` or `postgresql://...`.

    With `synchronous="FULL"` what SQLite acknowledged survives a power cut; `"NORMAL"` is faster and survives the end
    of the process only. Raises DatabaseUnusable where the database cannot be opened or is damaged.
    """
    address = parse_address(url)
    if address.get_backend_name() == "sqlite":
        return _open_sqlite(address, synchronous)
    return _open_postgres(address)


def writing(engine: Engine, urgency: Urgency = "now") -> Engine:
    """The same engine for transactions that write: SQLite takes its write lock when they begin, not half-way.

    House-keeping writes `meanwhile`: of the threads that wait for the lock all others go first. Close the connection
    after each transaction, as `begin` of an engine does: the next thread's turn comes then.
    """
    return engine.execution_options(**{_WRITES: urgency})


def parse_address(url: str) -> URL:
    """The parts of `sqlite:///PATH` or `postgresql://...`, with its driver; raises DatabaseUnusable."""
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise DatabaseUnusable(
            # Only its beginning: a password may stand in the rest.
            f"{url.partition(':')[0]!r}... is no database URL; write sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"
        ) from error
    if address.drivername in ("postgres", "postgresql"):
        return address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        raise DatabaseUnusable(f"{address.drivername} is not supported; use sqlite:///PATH or postgresql://...")
    return address


def _open_sqlite(address: URL, synchronous: Synchronous) -> Engine:
    if not address.database or address.database == ":memory:":
        raise DatabaseUnusable("an in-memory database cannot be shared between threads; write sqlite:///PATH")
    path = Path(address.database)
    # Before the engine exists: its first connection already turns the file to write-ahead logging.
    check_file(path, BUSY_TIMEOUT_SECONDS)
    arguments = {"timeout": BUSY_TIMEOUT_SECONDS, "factory": SqliteConnection}
    engine = create_engine(address, json_serializer=plain.dumps, connect_args=arguments, **POOL)
    _set_up_sqlite(engine, synchronous)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with writing(engine).begin():
            pass
    except (DBAPIError, OSError) as error:
        engine.dispose()
        raise unusable(path, error) from error
    return engine


def _set_up_sqlite(engine: Engine, synchronous: Synchronous) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        # Without this the driver begins transactions by its own rules; `begin` below does it by ours.
        connection.isolation_level = None
        if connection.execute("PRAGMA page_count").fetchone() == (0,):
            # Before the first table is made: then the file can give space back. Later this would only wait to write.
            connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={synchronous}")

    @event.listens_for(engine, "reset")
    def reset(connection: Any, _record: Any, _state: Any) -> None:
        connection.forget_queries()

    turns = Turns()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        urgency = connection.get_execution_options().get(_WRITES)
        if urgency is None:
            connection.exec_driver_sql("BEGIN")
            return
        # Where no turn came, SQLite says that the file is locked.
        if _TURN not in connection.info and turns.take(urgency, BUSY_TIMEOUT_SECONDS):
            connection.info[_TURN] = True
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(engine, "checkin")
    def checkin(_connection: Any, record: Any) -> None:
        if record.info.pop(_TURN, False):
            turns.give()


def _open_postgres(address: URL) -> Engine:
    try:
        engine = create_engine(
            address,
            json_serializer=plain.dumps,
            pool_pre_ping=True,
            connect_args={"connect_timeout": CONNECT_TIMEOUT_SECONDS},
            **POOL,
        )
    except ModuleNotFoundError as error:
        raise DatabaseUnusable("Postgres needs psycopg: pip install 'trainvitals[postgres]'") from error
    binary_answers.install(engine)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
    except DBAPIError as error:
        engine.dispose()
        raise DatabaseUnusable(
            f"Postgres at {address.render_as_string()} cannot be used: {str(error.orig).strip()}. "
            f"Check that it runs and that address, name and password are right."
        ) from error
    return engine
