"""A watch: the hooks on one model and its optimizer, and when they take a sample."""

import time
from collections.abc import Callable, Collection, Sequence
from typing import Any

from trainvitals.capture import arguments
from trainvitals.capture import layers as naming
from trainvitals.capture.criterion import CriterionWatch
from trainvitals.capture.evaluations import Evaluations
from trainvitals.capture.hooks import Hook
from trainvitals.capture.layer_hooks import LayerHooks
from trainvitals.capture.loss_alarm import LossAlarm
from trainvitals.capture.optimizer import OptimizerFacts, has_closure, skipped, told_apart
from trainvitals.capture.pace import Pace
from trainvitals.capture.phases import Phases
from trainvitals.capture.pool import Pool
from trainvitals.capture.positions import SAMPLES
from trainvitals.capture.sample import Sample
from trainvitals.capture.taker import Families, Taker
from trainvitals.capture.worker import Worker
from trainvitals.clock import Clock
from trainvitals.collector import Collector
from trainvitals.guard import Guard

FAULTS_MAX = 20
"""So many exceptions in hooks, and the watch turns itself off."""


class Watch:
    """Captures one model. Everything named `_on_...` runs on the training thread and never raises into it."""

    def __init__(
        self,
        model: Any,
        companions: Sequence[Any],
        *,
        clock: Clock,
        collector: Collector,
        guard: Guard,
        prefix: str | None,
        log: Families,
        log_freq: int | None,
        include: Sequence[str] | str,
        exclude: Sequence[str] | str,
        budget: float,
        taken: Collection[str] = (),
        leads: bool,
        elsewhere_seconds: Callable[[], float],
    ) -> None:
        arguments.check(model, log, log_freq, budget)
        self._model, self._clock, self._collector, self._guard = model, clock, collector, guard
        self._optimizer, criterion = told_apart(companions, guard)
        optimized = None if self._optimizer is None else OptimizerFacts.members(self._optimizer)
        patterns = naming.Patterns(arguments.several(include), arguments.several(exclude))
        self._layers, self._parameters = naming.find(model, optimized, prefix, patterns)
        if not self.layer_names.isdisjoint(taken):
            self._layers, self._parameters = naming.find(model, optimized, self._own_prefix(prefix, taken), patterns)
        self._pace = Pace(budget, log_freq)
        self._phases = Phases(naming.unwrapped(model))
        self._pool = Pool(len(self._layers), len(self._parameters), guard.drop)
        self._taker = Taker(self._layers, self._parameters, log, self._optimizer, self._tell_missing)
        self._hooks = LayerHooks(self._layers if self._taker.wants_activations else (), self._on_layer)
        self._worker = Worker(
            self._layers,
            self._parameters,
            watch=self,
            collector=collector,
            guard=guard,
            pace=self._pace,
            give_back=self._pool.give_back,
            leads=leads,
            elsewhere_seconds=elsewhere_seconds,
            on_alarm=self._alarm,
        )
        self.see_loss = LossAlarm(self._alarm).see
        self._criterion = criterion and CriterionWatch(criterion, clock, collector, self._guarded, self._worker)
        self._facts = self._optimizer and OptimizerFacts(self._optimizer, collector)
        self._armed: Sample | None = None
        self._handles: list[Any] = []
        self._evaluations = Evaluations(
            model, self._phases, self._pool, self._hooks, lambda sample: self._guarded(self._evaluation_done, sample)
        )
        self._count = 0
        self._captures = log is not None
        self._off = False
        self._drives = False
        self._completed_at: float | None = None
        self._silent = False

    def start(self) -> None:
        """Set the hooks and tell what the layers are."""
        if self._optimizer is not None and self._clock.driver is None:
            self._clock.driver = self._optimizer
            self._drives = True
        if self._optimizer is None:
            self._clock.listeners.append(self._on_clock)
        self._collector.layers(self, naming.describe(self._layers, self._parameters))
        if not self._captures:
            self._pace.mode, self._pace.reason = "off", "log=None"
        self._hook()
        self._worker.start()
        if self._facts is not None:
            self._facts.tell(self._clock.coming)
        self._arm()

    def stop(self, timeout_seconds: float = 5.0) -> None:
        """Take the hooks off and finish what was sampled."""
        self._armed = None
        self._evaluations.leave()
        self._hooks.fill(None)
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        if self._criterion is not None:
            self._criterion.stop()
        self._worker.stop(timeout_seconds)
        if self._on_clock in self._clock.listeners:
            self._clock.listeners.remove(self._on_clock)
        if self._drives:
            self._clock.driver = None

    def silence(self) -> None:
        """In a forked child: every hook is a no-op."""
        self._silent = True
        self._hooks.sample = self._armed = None

    @property
    def spent_seconds(self) -> float:
        """Processor time of its samples so far, in both threads."""
        return self._worker.spent_seconds

    @property
    def layer_names(self) -> set[str]:
        return {layer.name for layer in self._layers}

    def _own_prefix(self, prefix: str | None, taken: Collection[str]) -> str:
        """Two models must not write into each other's series."""
        found = naming.free_prefix(prefix or type(naming.unwrapped(self._model)).__name__, taken)
        self._guard.terminal.warn(
            f"another watched model has layers of the same names: those of this one begin with {found!r}; "
            f"choose your own with watch(..., name=...)"
        )
        return found

    def watches(self, model: Any) -> bool:
        return self._model is model

    def state(self) -> dict[str, Any]:
        """What reports tell as `capture`."""
        return {**self._pace.state(), "samples": SAMPLES, "overhead_fraction": self._worker.overhead_fraction}

    def _hook(self) -> None:
        add = self._handles.append
        if self._taker.wants_activations and naming.hookable(self._model):
            add(self._model.register_forward_pre_hook(Hook(self._on_forward_begins)))
        if self._optimizer is not None:
            add(self._optimizer.register_step_pre_hook(Hook(self._on_step_begins)))
            add(self._optimizer.register_step_post_hook(Hook(self._on_step_ends)))
        if self._criterion is not None:
            self._criterion.start()

    def _guarded(self, act: Callable[..., None], *arguments: Any) -> None:
        try:
            act(*arguments)
        except Exception as error:
            if self._guard.count("hook") + 1 >= FAULTS_MAX and not self._off:
                self._turn_off(error)
            self._guard.caught("hook", error)

    def _turn_off(self, error: Exception) -> None:
        """Samples end; the optimizer's hook stays, because it is the clock."""
        self._off, self._captures, self._armed = True, False, None
        self._hooks.fill(None)
        if self._criterion is not None:
            self._criterion.stop()
        reason = f"{FAULTS_MAX} exceptions in hooks, the last {type(error).__name__}: {error}"
        self._pace.mode, self._pace.reason = "off", reason
        self._collector.fact({"kind": "watch_off", "step": self._clock.current, "details": {"reason": reason}})
        self._guard.terminal.warn(f"the watch turned itself off after {reason}; training and logged metrics go on")

    def _on_clock(self, step: int) -> None:
        """Without an optimizer of its own: gradients and weights are read when the run's step is done."""
        if not self._silent:
            self._guarded(self._complete, step, time.perf_counter())

    def _on_forward_begins(self, module: Any, arguments: Any) -> None:
        if not self._silent:
            self._guarded(self._forward_begins, arguments)

    def _on_layer(self, row: int, output: Any) -> None:
        sample = self._hooks.sample
        if sample is None or (sample.phase == "training" and not self._phases.trains()):
            return
        started = time.perf_counter()
        self._guarded(self._taker.activation, row, sample, output)
        sample.training_seconds += time.perf_counter() - started

    def _on_step_begins(self, optimizer: Any, arguments: Any, options: Any) -> None:
        sample = self._armed
        if sample is not None and not has_closure(arguments, options):
            started = time.perf_counter()
            self._guarded(self._taker.gradients, sample)
            self._guarded(self._taker.weights, sample.planes.weights_before)
            sample.training_seconds += time.perf_counter() - started

    def _on_step_ends(self, optimizer: Any, arguments: Any, options: Any) -> None:
        if not self._silent:
            self._guarded(self._step_ends, has_closure(arguments, options))

    def _forward_begins(self, arguments: Any) -> None:
        now = self._hooks.sample
        if self._phases.forward_trains():
            if now is not self._armed:
                self._evaluations.leave()
                self._hooks.fill(self._armed)
            if self._armed is not None:
                self._taker.inputs(self._armed, arguments)
        elif now is None or now.phase == "training":
            if self._captures:
                self._evaluations.begin(self._clock.current, self._pace.interval["shallow"])
            else:
                self._hooks.fill(None)

    def _evaluation_done(self, sample: Sample | None) -> None:
        if sample is not None:
            self._submit(sample)
        self._hooks.fill(self._armed)

    def _step_ends(self, closure: bool) -> None:
        started = time.perf_counter()
        if skipped(self._optimizer):
            self._collector.fact({"kind": "skipped_step", "step": self._clock.coming, "details": {"count": 1}})
            if self._armed is not None:
                self._armed.begin(self._armed.depth, "training")
            return
        self._phases.step_done()
        if closure and self._armed is not None:
            self._guarded(self._taker.gradients, self._armed)
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
        if sample is not None:
            if self._optimizer is None:
                self._guarded(self._taker.gradients, sample)
            self._guarded(self._taker.weights, sample.planes.weights)
            sample.step, sample.time = step, moment
            sample.training_seconds += time.perf_counter() - started
        self._time_step(step, moment, started, sample)
        if sample is not None:
            self._submit(sample)
        self._count += 1
        self._arm()

    def _time_step(self, step: int, moment: float, now: float, sample: Sample | None) -> None:
        """Step time and learning rates: each step, in one row."""
        keys: tuple[str, ...] = ()
        values: tuple[Any, ...] = ()
        if self._facts is not None and self._drives:
            keys, values = self._facts.learning_rates()
        if self._completed_at is not None:
            seconds = now - self._completed_at
            depth, spent = (sample.depth, sample.training_seconds) if sample is not None else (None, 0.0)
            self._pace.step_took(seconds, depth, spent)
            if self._drives or (self._clock.driver is None and self._clock.listeners[:1] == [self._on_clock]):
                keys, values = (*keys, "step_seconds"), (*values, seconds)
        if keys:
            self._collector.statistics(keys, step, moment, values)
        if self._criterion is not None:
            self._criterion.complete(step, moment)
        self._completed_at = now

    def _submit(self, sample: Sample) -> None:
        sample.depart()
        self._worker.submit(sample)

    def _arm(self) -> None:
        """Decide about the coming step."""
        depth = self._pace.choose(self._count) if self._captures else None
        self._armed = self._pool.take("training") if depth is not None else None
        if self._armed is not None and depth is not None:
            self._armed.begin(depth, "training")
        self._hooks.fill(self._armed)

    def _tell_missing(self, names: list[str]) -> None:
        self._collector.fact({"kind": "no_gradient", "step": self._clock.coming, "parameters": names})

    def _alarm(self, reason: str) -> None:
        self._pace.alarm(self._count + 1, reason)
