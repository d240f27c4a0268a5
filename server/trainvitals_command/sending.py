"""Sends what runs left on disk, with and without typer."""

import sys

import trainvitals as tv
from trainvitals_command.errors import CannotSync

DONE = 0
NO = 1


def send(directory: str, server: str | None = None) -> int:
    """Send every spooled run under a directory and say what was done; returns the exit code.

    1 where the server refused reports, which are lost. Raises CannotSync where nothing could be sent.
    """
    try:
        done = tv.sync(directory, server)
    except tv.Error as error:
        raise CannotSync(str(error)) from error
    print(f"Sent {_many(done.runs, 'run')} with {_many(done.reports, 'report')}.")
    if done.in_use:
        print(f"Left {_many(done.in_use, 'run')} alone, because a training still writes to it.", file=sys.stderr)
    if done.refused:
        print(f"The server refused {_many(done.refused, 'report')}; the lines above say why.", file=sys.stderr)
    return NO if done.refused else DONE


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
