"""The ends of a process: every open run is finished, marked by how the script ended, and silent in a forked child."""

import atexit
import contextlib
import os
import sys
import threading
from collections.abc import Callable
from functools import wraps
from types import TracebackType
from typing import Any, NoReturn
from weakref import WeakKeyDictionary, WeakSet

from trainvitals import terminate
from trainvitals.failure import Failure, describe_failure
from trainvitals.run import Run

TERMINATE_SECONDS_MAX = 5.0
"""How long SIGTERM may wait for the server: schedulers follow it with SIGKILL."""

_open: "WeakSet[Run]" = WeakSet()
_last_words: "WeakKeyDictionary[Run, tuple[Failure, object]]" = WeakKeyDictionary()
"""What seemed to end the script, and how far each run was then: who goes on after it was not ended by it.

Told in words: the exception itself would hold the tensors of its frames.
"""
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
    _chain_thread_exceptions()
    _chain_exit()
    with contextlib.suppress(ValueError, OSError, AttributeError):
        if threading.current_thread() is threading.main_thread():
            terminate.chain(_abort)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_in_child)


def _at_exit() -> None:
    for run in list(_open):
        failure, progress = _last_words.get(run, (None, None))
        if failure is not None and progress == run.progress:
            run.finish("failed", error=failure)
        else:
            run.finish()


def _remember(error: BaseException) -> None:
    failure = describe_failure(error)
    for run in list(_open):
        _last_words[run] = (failure, run.progress)


def _abort() -> None:
    for run in list(_open):
        run.finish("aborted", timeout_seconds=TERMINATE_SECONDS_MAX)


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


def _chain_thread_exceptions() -> None:
    """Training may run in a thread of its own; whether its exception ended the script shows at the end."""
    before: Callable[..., Any] = threading.excepthook

    def hook(details: Any) -> None:
        before(details)
        if details.exc_value is not None:
            _remember(details.exc_value)

    threading.excepthook = hook


def _chain_exit() -> None:
    """The code of `sys.exit` is known nowhere else: no hook sees SystemExit, and at exit it is gone."""
    before = sys.exit

    @wraps(before)
    def leave(status: Any = None, /) -> NoReturn:
        if status and threading.current_thread() is threading.main_thread():
            _remember(SystemExit(status))
        before(status)

    sys.exit = leave
