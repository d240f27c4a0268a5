"""The ends of a process: every open run is finished, marked by how the script ended, and silent in a forked child."""

import atexit
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any
from weakref import WeakSet

from trainvitals.run import Run

TERMINATE_SECONDS_MAX = 5.0
"""How long SIGTERM may wait for the server: schedulers follow it with SIGKILL."""

_open: "WeakSet[Run]" = WeakSet()
_installed: list[bool] = []


def remember(run: Run) -> None:
    """Finish this run when the process ends, if nobody did before."""
    if not _installed:
        _installed.append(True)
        _install()
    _open.add(run)


def forget(run: Run) -> None:
    """The run has finished."""
    _open.discard(run)


def _install() -> None:
    atexit.register(_at_exit)
    _chain_exceptions()
    with contextlib.suppress(ValueError, OSError, AttributeError):
        if threading.current_thread() is threading.main_thread():
            _chain_terminate()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_in_child)


def _at_exit() -> None:
    for run in list(_open):
        run.finish()


def _in_child() -> None:
    for run in list(_open):
        run.silence()
    _open.clear()


def _chain_exceptions() -> None:
    before: Callable[..., Any] = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        before(kind, error, traceback)
        for run in list(_open):
            run.fail(error.with_traceback(traceback))

    sys.excepthook = hook


def _chain_terminate() -> None:
    """Chained, never replaced: what was to happen at SIGTERM still happens, after the runs were brought out."""
    before = signal.getsignal(signal.SIGTERM)
    if before is None or before == signal.SIG_IGN:
        return

    def terminated(number: int, frame: FrameType | None) -> None:
        for run in list(_open):
            run.finish("aborted", timeout_seconds=TERMINATE_SECONDS_MAX)
        if callable(before):
            before(number, frame)
        else:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGTERM)

    signal.signal(signal.SIGTERM, terminated)
