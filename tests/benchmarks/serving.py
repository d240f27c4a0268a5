"""A server as a process of its own, on an empty database."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of a server on SQLite in a folder."""
    command = [sys.executable, "-m", "trainvitals_command", "serve", "--port", "0"]
    command += ["--database", f"sqlite:///{folder / 'runs.db'}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()
