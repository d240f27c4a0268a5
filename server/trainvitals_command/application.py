"""The command line as typer sees it: one file of `commands/` each command, found by folder."""

import importlib
import pkgutil
import sys

import typer

from trainvitals_command import commands
from trainvitals_command.errors import CommandError

COULD_NOT = 2


def build_application() -> typer.Typer:
    """The application with all of its commands."""
    application = typer.Typer(
        name="trainvitals",
        help="Shows the vital signs of a neural network while it trains, and says what is wrong.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for module in sorted(pkgutil.iter_modules(commands.__path__), key=lambda module: module.name):
        importlib.import_module(f"{commands.__name__}.{module.name}").register(application)
    return application


def run_application(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    try:
        code = build_application()(arguments, standalone_mode=True, prog_name="trainvitals")
    except CommandError as error:
        print(f"trainvitals: {error}", file=sys.stderr)
        return COULD_NOT
    except SystemExit as end:
        code = end.code
    return code if isinstance(code, int) else 0
