"""The command line where only the SDK is installed: `sync` works, the others say what to install."""

import argparse
import sys

from trainvitals_command.errors import CommandError
from trainvitals_command.sending import send

COULD_NOT = 2
NEEDS_SERVER = ("serve", "demo", "upgrade", "keys", "check", "backup", "restore", "verify")


def run_bare(arguments: list[str]) -> int:
    """Run `sync`, or say what the other commands need; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="trainvitals", description="Only the SDK is installed here.", epilog=f"Also: {', '.join(NEEDS_SERVER)}."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    sync = commands.add_parser("sync", help="Send what offline or interrupted runs left on disk.")
    sync.add_argument("directory")
    sync.add_argument("--server")
    for name in NEEDS_SERVER:
        commands.add_parser(name, add_help=False)
    chosen, _ = parser.parse_known_args(arguments)
    if chosen.command != "sync":
        print(f'trainvitals {chosen.command} needs the server: pip install "trainvitals[server]"', file=sys.stderr)
        return COULD_NOT
    sync_only = parser.parse_args(arguments)
    try:
        return send(sync_only.directory, sync_only.server)
    except CommandError as error:
        print(f"trainvitals: {error}", file=sys.stderr)
        return COULD_NOT
