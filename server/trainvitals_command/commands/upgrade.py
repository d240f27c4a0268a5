"""`trainvitals upgrade`: bring a database to the schema of this version."""

from typing import Annotated

import typer


def register(application: typer.Typer) -> None:
    """Add the command."""
    application.command()(upgrade)


def upgrade(
    database: Annotated[
        str | None, typer.Option(help="sqlite:///PATH or postgresql://...; default: the file in your data directory.")
    ] = None,
) -> None:
    """Bring a database to the schema of this version.

    `trainvitals serve` does the same when it starts; run this on its own to upgrade at a time of your choosing.
    """
    from trainvitals_command.serving.database import open_database
    from trainvitals_command.serving.settings import read_settings

    settings = read_settings(database=database)
    engine = open_database(settings.database)
    engine.dispose()
    typer.echo(f"{_without_password(settings.database)} is at the schema of this version.")


def _without_password(url: str) -> str:
    from sqlalchemy.engine import make_url

    return make_url(url).render_as_string(hide_password=True)
