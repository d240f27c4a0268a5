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
    from trainvitals.capture.arguments import Arguments
    from trainvitals.capture.succession import Succession
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
        self._succession: Succession | None = None
        self._silent = False

    def __iter__(self) -> "Iterator[Watch]":
        return iter(tuple(self._watches))

    def __getitem__(self, place: int) -> "Watch":
        return self._watches[place]

    def add(self, model: Any, companions: tuple[Any, Any], **options: Any) -> None:
        """Watch one model, anew and in the same place where it is watched; `options` are those of `Run.watch`."""
        # torch is imported only by those who watch.
        from trainvitals.capture import arguments

        if not arguments.is_watchable(model, self._guard):
            return
        self._tell_late_rank()
        chosen = arguments.chosen(self._guard, **options)
        if self._place(model) < len(self._watches):
            self._guard.terminal.warn("this model is watched already: the new watch takes the place of the one before")
        self._install(model, companions, chosen)

    def _install(self, model: Any, companions: tuple[Any, Any], options: "Arguments") -> None:
        from trainvitals.capture.watch import Watch

        place = self._place(model)
        if place < len(self._watches):
            before = self._watches.pop(place)
            before.stop()
            self._collector.layers(before.key, ())
        watch = Watch(
            model,
            companions,
            clock=self._clock,
            collector=self._collector,
            guard=self._guard,
            options=options,
            taken={name for watch in self for name in watch.layer_names},
            leads=place == 0,
            elsewhere_seconds=self._elsewhere_seconds,
        )
        self._watches.insert(place, watch)
        watch.start()
        if watch.optimizer is not None and self._succession is None:
            from trainvitals.capture.succession import Succession

            self._succession = Succession(lambda: self, self._succeed, self._guarded)

    def _succeed(self, watch: "Watch", optimizer: Any) -> None:
        """Watch a model with the optimizer that moves it now, whose step is just done."""
        self._guard.warn_once(
            "succession",
            f"another optimizer ({type(optimizer).__name__}) moves the model now: its steps are those of the run "
            f"from here on",
        )
        self._install(watch.model, (optimizer, watch.companions[1]), watch.options)
        if self._clock.driver is optimizer:
            self._clock.complete()

    def _guarded(self, act: Callable[[Any], None], argument: Any) -> None:
        try:
            if not self._silent:
                act(argument)
        except Exception as error:
            self._guard.caught("hook", error)

    def _rest(self) -> None:
        if self._succession is not None:
            self._succession.stop()
            self._succession = None

    def remove(self, model: Any = None) -> None:
        """Take every hook off one model, or off all of them."""
        found = [watch for watch in self if model is None or watch.watches(model)]
        if model is not None and not found:
            self._guard.terminal.warn("unwatch: this model is not watched, so there is nothing to take off")
        for watch in found:
            self._watches.remove(watch)
            watch.stop()
        if not self._watches:
            self._rest()

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
        self._rest()
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
        self._silent = True
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
