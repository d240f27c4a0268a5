"""The switch of a watch: faults of its hooks are counted and kept from the training; too many turn it off."""

from collections.abc import Callable
from typing import Any

from trainvitals.capture.pace import Pace
from trainvitals.clock import Clock
from trainvitals.collector import Collector
from trainvitals.guard import Guard

FAULTS_MAX = 20
"""So many exceptions in hooks, and the watch turns itself off."""


class Switch:
    """`on`: samples are taken. `silent`: a forked child, where every hook is a no-op. `on_off` ends the capture."""

    def __init__(
        self, clock: Clock, collector: Collector, guard: Guard, pace: Pace, on_off: Callable[[], None], *, on: bool
    ) -> None:
        self._clock = clock
        self._collector = collector
        self._guard = guard
        self._pace = pace
        self._on_off = on_off
        self._gave_up = False
        self.on = on
        self.silent = False
        if not on:
            pace.stop("log=None")

    def guarded(self, act: Callable[..., None], *arguments: Any) -> None:
        """Call something that must not raise into the training."""
        try:
            act(*arguments)
        except Exception as error:
            if self._guard.count("hook") + 1 >= FAULTS_MAX and not self._gave_up:
                self._give_up(error)
            self._guard.caught("hook", error)

    def say(self, reason: str, message: str) -> None:
        """Count something that is not captured, and say it once."""
        self._guard.drop(reason)
        self._guard.warn_once(reason, message)

    def _give_up(self, error: Exception) -> None:
        """Samples end; the optimizer's hook stays, because it is the clock."""
        self._gave_up, self.on = True, False
        self._on_off()
        reason = f"{FAULTS_MAX} exceptions in hooks, the last {type(error).__name__}: {error}"
        self._pace.stop(reason)
        self._collector.fact({"kind": "watch_off", "step": self._clock.current, "details": {"reason": reason}})
        self._guard.terminal.warn(f"the watch turned itself off after {reason}; training and logged metrics go on")
