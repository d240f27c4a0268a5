"""`trainvitals sync`: send what runs left on disk."""

from typing import Annotated

import typer


def register(application: typer.Typer) -> None:
    """Add the command."""
    application.command()(sync)


def sync(
    directory: Annotated[str, typer.Argument(metavar="DIR", help="A spool directory, of one run or of several.")],
    server: Annotated[
        str | None, typer.Option(help="Where to send it. Default: TRAINVITALS_SERVER, else http://127.0.0.1:8765.")
    ] = None,
) -> None:
    """Send what offline or interrupted runs left on disk, and remove what has arrived.

    What was sent before is recognised and not stored twice.
    """
    from trainvitals_command.sending import send

    raise typer.Exit(send(directory, server))
