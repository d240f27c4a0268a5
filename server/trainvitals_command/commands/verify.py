"""`trainvitals verify`: whether everything that is stored fits together."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from trainvitals_server.upkeep.verification import Verification

NO = 1


def register(application: typer.Typer) -> None:
    """Add the command."""
    application.command()(verify)


def verify(
    database: Annotated[
        str | None, typer.Option(help="sqlite:///PATH or postgresql://...; default: the file in your data directory.")
    ] = None,
) -> None:
    """Read everything that is stored, and say what is damaged or does not fit together. Nothing is changed.

    The server may run. Exit code 0 where all is well, 1 where it is not, 2 where it could not be told.
    """
    from trainvitals_command.errors import CannotKeep
    from trainvitals_command.serving.settings import read_settings
    from trainvitals_server.storage.errors import DatabaseUnusable
    from trainvitals_server.upkeep.errors import UpkeepError

    settings = read_settings(database=database)
    try:
        found = _verified(settings.database)
    except (UpkeepError, DatabaseUnusable) as error:
        raise CannotKeep(str(error)) from error
    _print(found)
    if found.problems:
        raise typer.Exit(NO)


def _verified(url: str) -> "Verification":
    from trainvitals_server.storage.engine import open_engine, parse_address
    from trainvitals_server.upkeep.verification import Verification, check_there, damage, verify

    address = parse_address(url)
    if address.get_backend_name() == "sqlite":
        file = Path(address.database or "")
        check_there(file)
        # Looked at before it is opened, which would refuse a damaged file.
        if (damaged := damage(file)) is not None:
            return Verification(problems=[damaged])
    engine = open_engine(url)
    try:
        _check_schema(engine)
        return verify(engine)
    finally:
        engine.dispose()


def _check_schema(engine: "Engine") -> None:
    from trainvitals_command.errors import CannotKeep
    from trainvitals_migrations import current, head

    if (version := current(engine)) != head():
        raise CannotKeep(
            f"the database has schema {version}, this trainvitals knows {head()}. Run `trainvitals upgrade` first."
        )


def _print(found: "Verification") -> None:
    for problem in found.problems:
        typer.echo(problem)
    looked_at = ", ".join(f"{what} {count:,}" for what, count in sorted(found.looked_at.items())) or "nothing"
    verdict = f"{len(found.problems)} problems" if found.problems else "no problem"
    typer.echo(f"Looked at everything ({looked_at}) in {found.seconds:.1f} s: {verdict}.")
