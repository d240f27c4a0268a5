"""SIGTERM: the runs are brought out first, then what was to happen still happens, even inside of native code.

Python runs a signal's handler between two bytecodes. A main thread that waits in native code (a collective whose
other ranks are gone) never comes to it, and would no longer end at SIGTERM only because there is a handler. So a thread
of its own hears the signal too, and ends the process where the handler does not come to it.
"""

import contextlib
import ctypes
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

DEAF_SECONDS = 2.0
"""So long the handler may take to begin before the main thread counts as waiting in native code."""

Finish = Callable[[], None]


def chain(finish: Finish) -> None:
    """Call `finish` at SIGTERM, then what was to happen before; a process that ignores the signal goes on ignoring it.

    Raises ValueError outside the main thread.
    """
    before = signal.getsignal(signal.SIGTERM)
    if before is None or before == signal.SIG_IGN:
        return
    begun = threading.Event()

    def terminated(number: int, frame: FrameType | None) -> None:
        begun.set()
        finish()
        if callable(before):
            before(number, frame)
        else:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGTERM)

    signal.signal(signal.SIGTERM, terminated)
    # A handler of the script's own is as late as ours: then the process was deaf before us, and stays what it was.
    if not callable(before):
        _hear_apart(begun, finish)


def _hear_apart(begun: threading.Event, finish: Finish) -> None:
    hears, wakes = os.pipe()
    os.set_blocking(wakes, False)
    taken = signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    if taken != -1:
        signal.set_wakeup_fd(taken, warn_on_full_buffer=False)
        os.close(hears)
        os.close(wakes)
        return
    _spare_children()
    threading.Thread(target=_hear, args=(hears, begun, finish), name="trainvitals-sigterm", daemon=True).start()


def _spare_children() -> None:
    """A forked child must not wake its parent's thread: DataLoader ends its workers by SIGTERM."""
    before: list[int] = []

    # From another thread than the main one it cannot be changed: then ValueError, and the child keeps it.
    def part() -> None:
        with contextlib.suppress(ValueError):
            before.append(signal.set_wakeup_fd(-1))

    def join() -> None:
        with contextlib.suppress(ValueError):
            if before:
                signal.set_wakeup_fd(before.pop(), warn_on_full_buffer=False)

    os.register_at_fork(before=part, after_in_parent=join)


def _hear(hears: int, begun: threading.Event, finish: Finish) -> None:
    while number := os.read(hears, 1):
        if number[0] == signal.SIGTERM and not begun.wait(DEAF_SECONDS):
            finish()
            # `signal.signal` is the main thread's alone.
            ctypes.CDLL(None).signal(int(signal.SIGTERM), 0)
            os.kill(os.getpid(), signal.SIGTERM)
