"""`trainvitals backup`: a whole copy of the database, also while the server runs."""

from pathlib import Path
from typing import Annotated

import typer


def register(application: typer.Typer) -> None:
    """Add the command."""
    application.command()(backup)


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write the copy; one that is there is replaced.")],
    database: Annotated[
        str | None, typer.Option(help="sqlite:///PATH or postgresql://...; default: the file in your data directory.")
    ] = None,
) -> None:
    """Write a copy of the database to a file; the server may run, and trainings may go on.

    Of Postgres it is made by pg_dump, which must be installed.
    """
    from trainvitals_command.errors import CannotKeep
    from trainvitals_command.serving.settings import read_settings
    from trainvitals_server.storage.errors import DatabaseUnusable
    from trainvitals_server.upkeep.backup import backup as write_backup
    from trainvitals_server.upkeep.errors import UpkeepError

    settings = read_settings(database=database)
    try:
        write_backup(settings.database, file)
    except (UpkeepError, DatabaseUnusable) as error:
        raise CannotKeep(str(error)) from error
    typer.echo(f"{file} holds everything ({file.stat().st_size / 2**20:,.1f} MiB).")
