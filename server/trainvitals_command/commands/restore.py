"""`trainvitals restore`: a database made from a backup."""

from pathlib import Path
from typing import Annotated

import typer


def register(application: typer.Typer) -> None:
    """Add the command."""
    application.command()(restore)


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `trainvitals backup` wrote.")],
    database: Annotated[
        str | None, typer.Option(help="sqlite:///PATH or postgresql://...; default: the file in your data directory.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the runs that are there, for good.")] = False,
) -> None:
    """Make a database from a backup, and bring it to the schema of this version. The server must not run.

    What is in the backup is checked first. Pages that were open begin anew.
    """
    from trainvitals_command.errors import CannotKeep
    from trainvitals_command.serving.settings import read_settings
    from trainvitals_migrations import upgrade
    from trainvitals_server.storage.errors import DatabaseUnusable
    from trainvitals_server.upkeep.backup import restore as put_back
    from trainvitals_server.upkeep.errors import UpkeepError

    settings = read_settings(database=database)
    try:
        put_back(file, settings.database, upgrade, overwrite=overwrite)
    except (UpkeepError, DatabaseUnusable) as error:
        raise CannotKeep(str(error)) from error
    typer.echo(f"{file} is restored; `trainvitals verify` looks at every number of it.")
