"""`trainvitals check`: judges stored runs anew, by the rules of a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from trainvitals_command.checking.verdict import Verdict
    from trainvitals_server.diagnosis.rules_file import RulesFile
    from trainvitals_server.settings import Settings
    from trainvitals_server.storage.store import Store

CRITICAL = 1
JSON_VERSION = 1


def register(application: typer.Typer) -> None:
    """Add the command."""
    application.command()(check)


def check(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Runs: id, the beginning of one, or name.")],
    rules: Annotated[Path | None, typer.Option(help="A rules file; default: TRAINVITALS_RULES, if any.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    database: Annotated[
        str | None, typer.Option(help="sqlite:///PATH or postgresql://...; default: the file in your data directory.")
    ] = None,
) -> None:
    """Judge stored runs anew; no server is needed, and nothing is changed.

    Exit code 0 where no run is critical, 1 where one is, 2 where it could not be told.
    """
    from trainvitals_command.checking.verdict import judged
    from trainvitals_command.serving.settings import read_settings

    settings = read_settings(database=database, rules=rules)
    file = _rules(settings.rules)
    with _store(settings) as store:
        verdicts = [judged(store, word, file) for word in runs]
    _print_json(verdicts, settings.rules) if json else _print_tables(verdicts)
    if any(verdict.critical for verdict in verdicts):
        raise typer.Exit(CRITICAL)


def _rules(path: Path | None) -> "RulesFile | None":
    from trainvitals_command.errors import CannotCheck
    from trainvitals_server.diagnosis.rules_file import read_rules_file
    from trainvitals_server.diagnosis.yaml_node import RulesFileError

    try:
        return None if path is None else read_rules_file(path)
    except RulesFileError as error:
        raise CannotCheck(f"the rules file cannot be used: {error}") from error


@contextmanager
def _store(settings: "Settings") -> "Iterator[Store]":
    from trainvitals_command.serving.database import open_database
    from trainvitals_server.storage.store import Store

    engine = open_database(settings.database)
    try:
        yield Store(engine)
    finally:
        engine.dispose()


def _print_json(verdicts: "list[Verdict]", rules: Path | None) -> None:
    import msgspec

    answer = {
        "version": JSON_VERSION,
        "rules_file": None if rules is None else str(rules),
        "critical": any(verdict.critical for verdict in verdicts),
        "runs": [verdict.entry() for verdict in verdicts],
    }
    typer.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())


def _print_tables(verdicts: "list[Verdict]") -> None:
    from rich.console import Console

    from trainvitals_command.checking.table import show

    console = Console()
    for verdict in verdicts:
        show(verdict, console)
