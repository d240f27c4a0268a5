"""`trainvitals demo`: a server, and four small networks that train on it."""

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from trainvitals_command.demo.background_server import BackgroundServer

COULD_NOT = 2
DEMO_DATABASE = Path(".demo") / "trainvitals.db"


def register(application: typer.Typer) -> None:
    """Add the command."""
    application.command()(demo)


def demo(
    database: Annotated[
        str | None, typer.Option(help="Where the runs are kept. Default: .demo/trainvitals.db in this directory.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port to serve on; 0 picks a free one. Default 8765.")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Steps of each training. Default: a few hundred.")] = None,
    exit_when_done: Annotated[bool, typer.Option("--exit-when-done", help="Do not go on serving.")] = False,
) -> None:
    """Start a server and train four small networks on it: two healthy ones, and a sick twin of each.

    Prints one link a run and one that compares them, and keeps serving until Ctrl-C.
    """
    from rich.console import Console

    from trainvitals_command.demo.background_server import background_server
    from trainvitals_command.demo.collection import all_trainings
    from trainvitals_command.demo.show import show

    # Whoever ends the demo ends its server too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(COULD_NOT))
    console = Console()
    trainings = all_trainings()
    with background_server(database=database or _default_database(), port=port) as server:
        console.print(f"Serving at {server.url}", soft_wrap=True, highlight=False)
        runs = show(trainings, server.url, steps=steps, console=console)
        console.print(f"Compare them: {server.url}/compare?runs={','.join(runs)}", soft_wrap=True, highlight=False)
        if not exit_when_done:
            console.print("Serving until you press Ctrl-C.")
            _wait(server)


def _default_database() -> str:
    return f"sqlite:///{DEMO_DATABASE.absolute()}"


def _wait(server: "BackgroundServer") -> None:
    try:
        server.wait()
    except KeyboardInterrupt:
        print()
