"""`trainvitals serve`: the server and its pages."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from trainvitals_server.settings import Settings


def register(application: typer.Typer) -> None:
    """Add the command."""
    application.command()(serve)


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on. One other than loopback needs an API key.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 picks a free one. Default 8765.")] = None,
    database: Annotated[
        str | None,
        typer.Option(help="sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME. Default: a file of yours."),
    ] = None,
    public_url: Annotated[
        str | None, typer.Option(help="Address that links use when a proxy stands before the server; may have a path.")
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(help="YAML file that changes or mutes rules of the diagnosis (docs/diagnosis.md).")
    ] = None,
) -> None:
    """Start the server and its pages; stop it with Ctrl-C.

    Each option can also be set by its variable: TRAINVITALS_HOST, TRAINVITALS_PORT, TRAINVITALS_DATABASE,
    TRAINVITALS_PUBLIC_URL, TRAINVITALS_RULES; and TRAINVITALS_API_KEY sets the key that every request must show.
    """
    from trainvitals_command.serving.address import bind
    from trainvitals_command.serving.assembly import assemble
    from trainvitals_command.serving.server import serve as serve_until_stopped
    from trainvitals_command.serving.settings import read_settings

    settings = read_settings(host=host, port=port, database=database, public_url=public_url, rules=rules)
    with bind(settings.host, settings.port) as bound:
        settings = settings.model_copy(update={"port": bound.getsockname()[1]})
        with assemble(settings) as app:
            serve_until_stopped(app, settings, bound, lambda: _say_ready(settings))


def _say_ready(settings: "Settings") -> None:
    local = settings.model_copy(update={"public_url": None})
    print(f"trainvitals ready at {local.url}", flush=True)
