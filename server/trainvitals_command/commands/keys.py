"""`trainvitals keys`: who may talk to the server."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from trainvitals_server.storage.api_keys import ApiKeys

NO = 1

Database = Annotated[
    str | None, typer.Option(help="sqlite:///PATH or postgresql://...; default: the file in your data directory.")
]


def register(application: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Create, list and revoke API keys.", no_args_is_help=True)
    group.command("create")(create)
    group.command("list")(list_keys)
    group.command("revoke")(revoke)
    application.add_typer(group, name="keys")


def create(
    name: Annotated[str, typer.Argument(help="What the key is for, such as `ci` or a person's name.")],
    database: Database = None,
) -> None:
    """Create a key and print it, this once: only its hash is stored.

    From the first key on, every request must show one.
    """
    with _keys(database) as keys:
        typer.echo(keys.create(name))
    typer.echo("Set it as TRAINVITALS_API_KEY where you train, and paste it into the page when it asks.", err=True)


def list_keys(database: Database = None) -> None:
    """List the keys: identifier, name, when it was created, whether it still opens."""
    with _keys(database) as keys:
        entries = keys.list()
    for entry in entries:
        state = "revoked" if entry.revoked_at is not None else "active"
        typer.echo(f"{entry.id}  {_date(entry.created_at)}  {state:8}  {entry.name}")
    if not entries:
        typer.echo("There are no keys; `trainvitals keys create NAME` makes one.", err=True)


def revoke(
    key: Annotated[str, typer.Argument(help="The key's identifier or name, as `keys list` shows it.")],
    database: Database = None,
) -> None:
    """Revoke a key; a running server refuses it within a second. Exit code 1 where no active key is so called."""
    with _keys(database) as keys:
        revoked = keys.revoke(key)
    if not revoked:
        typer.echo(f"No active key has the identifier or name {key!r}; `trainvitals keys list` shows them.", err=True)
        raise typer.Exit(NO)
    typer.echo(f"{key} is revoked.")


@contextmanager
def _keys(database: str | None) -> "Iterator[ApiKeys]":
    import time

    from trainvitals_command.serving.database import open_database
    from trainvitals_command.serving.settings import read_settings
    from trainvitals_server.storage.api_keys import ApiKeys

    engine = open_database(read_settings(database=database).database)
    try:
        yield ApiKeys(engine, time.time)
    finally:
        engine.dispose()


def _date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
