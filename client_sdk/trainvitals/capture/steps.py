"""The optimizer's steps of a watch: what is read before and after each, and which are sampled."""

import threading
import time
from collections.abc import Callable
from typing import Any

from trainvitals.capture.backward import Backward
from trainvitals.capture.circumstances import Circumstances
from trainvitals.capture.criterion import CriterionWatch
from trainvitals.capture.forwards import Forwards
from trainvitals.capture.hooks import StepHook
from trainvitals.capture.optimizer import OptimizerFacts, has_closure, skipped
from trainvitals.capture.pace import Pace
from trainvitals.capture.phases import Phases
from trainvitals.capture.pool import Pool
from trainvitals.capture.sample import Depth, Sample
from trainvitals.capture.step_row import StepRow
from trainvitals.capture.switch import Switch
from trainvitals.capture.taker import Taker
from trainvitals.capture.worker import Worker
from trainvitals.clock import Clock
from trainvitals.collector import Collector

ALARM_FIRST_STEP = 2
"""The steps before it compile the two graphs of a compiled model, each its own: they stay as they were decided."""


class Steps:
    """Without an optimizer the run's clock tells of the steps. `_armed` is the sample of the step being computed.

    At deep steps `look` says whether the model is still what it was, within the time that the pace counts, and
    `renew` follows it.

    Everything named `_on_...` runs on the training thread and never raises into it.
    """

    def __init__(
        self,
        optimizer: Any,
        criterion: CriterionWatch | None,
        facts: OptimizerFacts | None,
        *,
        clock: Clock,
        collector: Collector,
        switch: Switch,
        pace: Pace,
        pool: Pool,
        phases: Phases,
        taker: Taker,
        forwards: Forwards,
        backward: Backward,
        circumstances: Circumstances,
        worker: Worker,
        look: Callable[[], None],
        renew: Callable[[], None],
    ) -> None:
        self._optimizer = optimizer
        self._criterion = criterion
        self._clock = clock
        self._collector = collector
        self._switch = switch
        self._pace = pace
        self._phases = phases
        self._worker = worker
        self._look, self._renew = look, renew
        self._circumstances = circumstances
        self.capture_with(pool, taker, forwards, backward)
        self._row = StepRow(collector, pace, facts, self._leads)
        self._armed: Sample | None = None
        self._handles: list[Any] = []
        self._count = 0
        self._drives = False
        self.standing_seconds = 0.0

    def capture_with(self, pool: Pool, taker: Taker, forwards: Forwards, backward: Backward) -> None:
        """The parts that know each layer and parameter by its row; new ones where the model has changed."""
        self._pool, self._taker, self._forwards, self._backward = pool, taker, forwards, backward
        self._rests = False

    def start(self) -> None:
        """Drive the run's clock where nobody does, and decide about the first step."""
        if self._optimizer is None:
            self._clock.listeners.append(self._on_clock)
        else:
            if self._clock.driver is None:
                self._clock.driver, self._drives = self._optimizer, True
            self._handles = [
                self._optimizer.register_step_pre_hook(StepHook(self._on_step_begins)),
                self._optimizer.register_step_post_hook(StepHook(self._on_step_ends)),
            ]
        self.arm()

    def stop(self) -> None:
        """Take every hook off and leave the clock."""
        self.disarm()
        for handle in self._handles:
            handle.remove()
        self._handles = []
        if self._on_clock in self._clock.listeners:
            self._clock.listeners.remove(self._on_clock)
        if self._drives:
            self._clock.driver, self._drives = None, False

    def arm(self) -> None:
        """Decide about the coming step; where neither it nor the one before is sampled, all is as it should be."""
        on = self._switch.on
        depth = self._pace.choose(self._count) if on else None
        if self._rests and on and depth is None:
            self._forwards.rest()
            return
        self._thread = threading.get_ident()
        self._arm(depth)
        self._forwards.expect(self._armed)
        self._circumstances.expect(self._armed, on)
        self._rests = on and self._armed is None

    def _arm(self, depth: Depth | None) -> None:
        self._armed = None
        if depth is not None:
            self._armed = self._pool.take("training", late=self._pace.postpones)
            if self._armed is None:
                self._pace.missed()
        if self._armed is not None and depth is not None:
            self._armed.begin(depth, "training")
            if self._optimizer is None:
                self._switch.guarded(self._taker.weights_before, self._armed)
        self._backward.fill(self._armed)

    def alarm(self, reason: str, *, grave: bool) -> None:
        """Sample the step being computed, or what is left of it, and the next ones; for another thread only these."""
        if self._switch.silent or not self._switch.on:
            return
        sampled = self._armed is not None or self._count < ALARM_FIRST_STEP
        if sampled or threading.get_ident() != self._thread:
            self._pace.alarm(reason, grave=grave)
        elif self._phases.in_step:
            if self._pace.alarm(reason, grave=grave):
                self._rests = False
                self._arm("deep")
        elif self._pace.alarm(reason, at=self._count, grave=grave):
            self.arm()

    def disarm(self) -> None:
        """The step being computed is not sampled after all."""
        self._armed = None
        self._backward.fill(None)

    def _leads(self) -> bool:
        """Whether the steps of this watch are those of the run."""
        return self._drives or (self._clock.driver is None and self._clock.listeners[:1] == [self._on_clock])

    def _on_clock(self, step: int) -> None:
        """Without an optimizer of its own: gradients and weights are read when the run's step is done."""
        if not self._switch.silent:
            self._switch.guarded(self._complete, step, time.perf_counter())

    def _on_step_begins(self, optimizer: Any, arguments: Any, options: Any) -> None:
        sample = self._armed
        if sample is not None:
            started = time.perf_counter()
            self._switch.guarded(self._circumstances.step_begins)
            if not has_closure(arguments, options):
                self._switch.guarded(self._taker.gradients, sample)
            self._switch.guarded(self._taker.weights_before, sample)
            sample.training_seconds += time.perf_counter() - started

    def _on_step_ends(self, optimizer: Any, arguments: Any, options: Any) -> None:
        if self._switch.silent:
            return
        if self._rests and not skipped(optimizer):
            self._switch.guarded(self._rest)
        else:
            self._switch.guarded(self._step_ends, has_closure(arguments, options))

    def _rest(self) -> None:
        """What each step leaves of which no sample was taken: these are nearly all, so that each call counts."""
        started, moment = time.perf_counter(), time.time()
        self._phases.step_done()
        step = self._step_done()
        self._circumstances.rest(step, moment)
        self._row.complete(step, moment, started, None)
        if self._criterion is not None:
            self._criterion.complete(step, moment)
        self._count += 1
        if self._pace.rests(self._count):
            self._forwards.rest()
        else:
            self.arm()
        self.standing_seconds += time.perf_counter() - started

    def _step_ends(self, closure: bool) -> None:
        started = time.perf_counter()
        if skipped(self._optimizer):
            self._collector.fact({"kind": "skipped_step", "step": self._clock.coming, "details": {"count": 1}})
            if self._armed is not None:
                self._armed.begin(self._armed.depth, "training")
            self._circumstances.expect(self._armed, self._switch.on)
            return
        self._phases.step_done()
        if closure and self._armed is not None:
            self._switch.guarded(self._taker.gradients, self._armed)
        self._complete(self._step_done(), started)

    def _step_done(self) -> int:
        """The first optimizer drives the clock; another one moves within the step that is being computed."""
        if self._drives:
            return self._clock.complete()
        return self._clock.current if self._clock.driver is self._optimizer else self._clock.coming

    def _complete(self, step: int, started: float) -> None:
        """The step is done: read the weights, hand over the sample, decide about the next step."""
        moment = time.time()
        sample = self._armed
        deep = sample is not None and sample.depth == "deep"
        if sample is not None:
            if self._optimizer is None:
                self._switch.guarded(self._backward.finish, sample, self._taker.gradients)
            self._switch.guarded(self._taker.weights, sample)
            if deep:
                self._switch.guarded(self._look)
        self._switch.guarded(self._circumstances.step_ends, sample, step, moment)
        if sample is not None:
            sample.step, sample.time = step, moment
            sample.training_seconds += time.perf_counter() - started
        self._row.complete(step, moment, started, sample)
        if self._criterion is not None:
            self._criterion.complete(step, moment)
        if sample is not None:
            self._worker.submit(sample)
        if deep:
            self._switch.guarded(self._renew)
        self._count += 1
        self.arm()
        if sample is None:
            self.standing_seconds += time.perf_counter() - started
