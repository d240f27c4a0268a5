"""Looks at everything that is stored, and says what does not fit together."""

import importlib
import pkgutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, Engine, Row, select

from trainvitals_server.storage.errors import DatabaseUnusable
from trainvitals_server.storage.sqlite_file import check_ours, check_whole
from trainvitals_server.tables import Run
from trainvitals_server.upkeep import checks, orphans
from trainvitals_server.upkeep.errors import CannotVerify

PROBLEMS_MAX = 20
"""Problems that are told of one check of one run; the others are counted."""

TIMEOUT_SECONDS = 30.0

Check = Callable[[Connection, Row[tuple[object, ...]], "Counter[str]"], Iterator[str]]
"""Takes an open transaction, the run's row and the tally of what was looked at; gives problems in words."""


@dataclass(slots=True)
class Verification:
    """What was found; `looked_at` counts runs, frames, numbers and so on."""

    problems: list[str] = field(default_factory=list)
    looked_at: "Counter[str]" = field(default_factory=Counter)
    seconds: float = 0.0


def verify(engine: Engine) -> Verification:
    """Check each run, then look for rows that belong to none. `damage` looks at the file itself.

    A run is looked at in one transaction, so that a server may go on writing.
    """
    began = time.perf_counter()
    found = Verification()
    _verify_runs(engine, found)
    found.problems += orphans.problems(engine)
    found.seconds = time.perf_counter() - began
    return found


def damage(file: Path) -> str | None:
    """What SQLite's own integrity check says of a file, None where all is well; raises DatabaseUnusable where it is
    no database of ours."""
    check_ours(file, TIMEOUT_SECONDS)
    try:
        check_whole(file, TIMEOUT_SECONDS)
    except DatabaseUnusable as error:
        return str(error)
    return None


def check_there(file: Path) -> None:
    """Raise CannotVerify where there is no file: opening it would make one."""
    if not file.is_file():
        raise CannotVerify(f"there is no database file {file}. Name one with --database.")


def find_checks() -> dict[str, Check]:
    """The checks by name, one a file of `checks/`."""
    names = sorted(module.name for module in pkgutil.iter_modules(checks.__path__))
    return {name: importlib.import_module(f"{checks.__name__}.{name}").check for name in names}


def _verify_runs(engine: Engine, found: Verification) -> None:
    with engine.connect() as connection:
        run_ids = list(connection.execute(select(Run.id).order_by(Run.created_at, Run.id)).scalars())
    snapshot = engine
    if engine.dialect.name == "postgresql":
        snapshot = engine.execution_options(isolation_level="REPEATABLE READ")
    for run_id in run_ids:
        with snapshot.connect() as connection:
            _verify_run(connection, run_id, found)


def _verify_run(connection: Connection, run_id: str, found: Verification) -> None:
    row = connection.execute(select(Run.__table__).where(Run.id == run_id)).one_or_none()
    if row is None:
        # Deleted since the list was read.
        return
    found.looked_at["runs"] += 1
    for name, check in find_checks().items():
        count = 0
        try:
            for problem in check(connection, row, found.looked_at):
                count += 1
                if count <= PROBLEMS_MAX:
                    found.problems.append(f"run {run_id}: {problem}")
        except Exception as error:
            found.problems.append(f"run {run_id}: the check of its {name} failed: {type(error).__name__}: {error}")
        if count > PROBLEMS_MAX:
            found.problems.append(f"run {run_id}: and {count - PROBLEMS_MAX} more problems of its {name}")
