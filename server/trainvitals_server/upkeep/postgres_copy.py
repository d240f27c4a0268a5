"""Copies of a Postgres database, by Postgres' own programs; without them, words that say what to run.

https://www.postgresql.org/docs/current/app-pgdump.html
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, inspect, text

from trainvitals_server.tables import Base
from trainvitals_server.upkeep.errors import CannotCopy

HEADER = b"PGDMP"
"""How a dump in the custom format begins."""

DUMP_OPTIONS = ("--format=custom", "--no-owner", "--no-privileges", "--schema=public")
RESTORE_OPTIONS = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", "--schema=public")
ASIDE = "trainvitals_before_restore"
"""The schema that holds what a restore replaces, until it is done."""


def dump(address: URL, file: Path) -> None:
    """Write the database to `file` in the custom format, which appears when it is whole; raises CannotCopy."""
    part = file.with_name(f"{file.name}.part")
    try:
        _run("pg_dump", address, [f"--dbname={_words(address)}", *DUMP_OPTIONS, f"--file={part}"])
        part.replace(file)
    except OSError as error:
        raise CannotCopy(f"{file} cannot be written: {error}") from error
    finally:
        part.unlink(missing_ok=True)


def load(file: Path, address: URL, engine: Engine, *, overwrite: bool) -> None:
    """Fill the database from a dump, in one transaction; raises CannotCopy where tables of ours are there already.

    `overwrite` lets them go, once the dump is loaded.
    """
    taken = sorted({*Base.metadata.tables, "alembic_version"} & set(inspect(engine).get_table_names()))
    if taken and not overwrite:
        raise CannotCopy(
            f"the database has a table {taken[0]!r} already. Nothing was changed. "
            "Name an empty one with --database, or say --overwrite to replace its runs for good."
        )
    with _aside(engine, taken):
        _run("pg_restore", address, [f"--dbname={_words(address)}", *RESTORE_OPTIONS, str(file)])


@contextmanager
def _aside(engine: Engine, tables: list[str]) -> Iterator[None]:
    """Put tables into a schema of their own meanwhile: gone at the end, back in place where it fails."""
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {ASIDE}"))
        _move(connection, tables, "public", ASIDE)
    try:
        yield
    except BaseException:
        with engine.begin() as connection:
            _move(connection, tables, ASIDE, "public")
            connection.execute(text(f"DROP SCHEMA {ASIDE}"))
        raise
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {ASIDE} CASCADE"))


def _move(connection: Connection, tables: list[str], source: str, target: str) -> None:
    for name in tables:
        connection.execute(text(f'ALTER TABLE "{source}"."{name}" SET SCHEMA "{target}"'))


def _run(program: str, address: URL, options: list[str]) -> None:
    path = shutil.which(program)
    if path is None:
        raise CannotCopy(
            f"{program} is not installed here. Install Postgres' client programs, or run where they are: "
            f"{' '.join([program, *options])}"
        )
    # The password stays out of the list of processes.
    environment = {**os.environ, **({"PGPASSWORD": str(address.password)} if address.password else {})}
    done = subprocess.run(
        [path, *options], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CannotCopy(f"{program} failed: {done.stderr.strip() or done.returncode}")


def _words(address: URL) -> str:
    return address.set(drivername="postgresql")._replace(password=None).render_as_string()
