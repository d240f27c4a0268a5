"""The watches of a run: one a model; the first speaks for the run."""

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from trainvitals import ranks
from trainvitals.clock import Clock
from trainvitals.collector import Collector
from trainvitals.guard import Guard
from trainvitals.loss_alarm import LossAlarm

if TYPE_CHECKING:
    from trainvitals.capture.watch import Watch


class Watches:
    """`sender_seconds()` is the processor time of the run's other thread: the first watch counts it as overhead."""

    def __init__(self, clock: Clock, collector: Collector, guard: Guard, sender_seconds: Callable[[], float]) -> None:
        self._clock = clock
        self._collector = collector
        self._guard = guard
        self._sender_seconds = sender_seconds
        self._watches: list[Watch] = []
        self._loss_alarm = LossAlarm()

    def __iter__(self) -> "Iterator[Watch]":
        return iter(tuple(self._watches))

    def __getitem__(self, place: int) -> "Watch":
        return self._watches[place]

    def add(self, model: Any, companions: tuple[Any, Any], **options: Any) -> None:
        """Watch one model, anew and in the same place where it is watched; `options` are those of `Run.watch`."""
        # torch is imported only by those who watch.
        from trainvitals.capture import arguments
        from trainvitals.capture.watch import Watch

        if not arguments.is_watchable(model, self._guard):
            return
        self._tell_late_rank()
        chosen = arguments.chosen(self._guard, **options)
        place = self._place(model)
        if place < len(self._watches):
            self._guard.terminal.warn("this model is watched already: the new watch takes the place of the one before")
            before = self._watches.pop(place)
            before.stop()
            self._collector.layers(before.key, ())
        watch = Watch(
            model,
            companions,
            clock=self._clock,
            collector=self._collector,
            guard=self._guard,
            options=chosen,
            taken={name for watch in self for name in watch.layer_names},
            leads=place == 0,
            elsewhere_seconds=self._elsewhere_seconds,
        )
        self._watches.insert(place, watch)
        watch.start()

    def remove(self, model: Any = None) -> None:
        """Take every hook off one model, or off all of them."""
        found = [watch for watch in self if model is None or watch.watches(model)]
        if model is not None and not found:
            self._guard.terminal.warn("unwatch: this model is not watched, so there is nothing to take off")
        for watch in found:
            self._watches.remove(watch)
            watch.stop()

    def _tell_late_rank(self) -> None:
        late = None if self._collector.several_ranks else ranks.find()
        if late is not None:
            self._guard.warn_once(
                "late_rank",
                f"tv.init came before init_process_group, so this run shows rank {late.number} of {late.count} alone: "
                f"call tv.init after it, and all ranks share one run",
            )

    def _place(self, model: Any) -> int:
        return next((at for at, watch in enumerate(self) if watch.watches(model)), len(self._watches))

    def stop(self, remaining_seconds: Callable[[], float]) -> None:
        """Finish what was sampled; the watches stay, so that the last report can tell of them."""
        for watch in self:
            watch.stop(remaining_seconds())

    def wake(self) -> None:
        """Process what was sampled and still waits: no backward pass came."""
        for watch in self:
            watch.wake()

    def release(self) -> None:
        """Let go of the models, when the last report has told of them."""
        self._watches.clear()

    def silence(self) -> None:
        """In a forked child."""
        for watch in self:
            watch.silence()

    def see_loss(self, value: float, logged_now: bool) -> None:
        """`logged_now`: on the thread that logs, within its call."""
        reason = self._loss_alarm.see(value)
        if reason is not None:
            for watch in self:
                watch.alarm(reason, grave=not math.isfinite(value), now=logged_now)

    def state(self) -> dict[str, Any]:
        """What reports tell as `capture`."""
        return self._watches[0].state() if self._watches else {}

    def _elsewhere_seconds(self) -> float:
        """What the run costs beside the samples of its first watch."""
        others = sum(watch.spent_seconds for watch in self._watches[1:])
        return self._sender_seconds() + others + sum(watch.standing_seconds for watch in self._watches)
