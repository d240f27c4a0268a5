"""A server in a process of its own, so that training and serving do not share an interpreter."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from trainvitals_command.errors import CannotTrain

READY = "trainvitals ready at "
GOODBYE_SECONDS_MAX = 20


class BackgroundServer:
    """A running `trainvitals serve`."""

    def __init__(self, process: "subprocess.Popen[str]", url: str) -> None:
        self._process = process
        self.url = url

    def wait(self) -> None:
        """Return when the server has ended."""
        self._process.wait()


@contextmanager
def background_server(*, database: str, port: int | None) -> Iterator[BackgroundServer]:
    """Start a server, wait until it is ready, and stop it at the end; raises CannotTrain where it does not start."""
    command = [sys.executable, "-m", "trainvitals_command", "serve", "--database", database]
    if port is not None:
        command += ["--port", str(port)]
    with _deaf_to_ctrl_c(command) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        if not first.startswith(READY):
            process.wait()
            raise CannotTrain("the server did not start; the line above says why.")
        try:
            yield BackgroundServer(process, first.removeprefix(READY).strip())
        finally:
            _stop(process)


def _deaf_to_ctrl_c(command: list[str]) -> "subprocess.Popen[str]":
    """Ctrl-C reaches every process of the terminal; the server must outlive the run that reports its end to it."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    finally:
        signal.signal(signal.SIGINT, before)


def _stop(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    try:
        process.wait(GOODBYE_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
