"""A watch: one model, its optimizer and its criterion, and the parts that capture them."""

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any

from trainvitals.capture import layers as naming
from trainvitals.capture.arguments import Arguments
from trainvitals.capture.backward import Backward
from trainvitals.capture.breakdown import Breakdown
from trainvitals.capture.circumstances import Circumstances
from trainvitals.capture.companions import elsewhere, told_apart
from trainvitals.capture.criterion import CriterionWatch
from trainvitals.capture.forwards import Forwards
from trainvitals.capture.hunt import Hunt
from trainvitals.capture.layers import Patterns
from trainvitals.capture.optimizer import OptimizerFacts
from trainvitals.capture.pace import Pace
from trainvitals.capture.phases import Phases
from trainvitals.capture.pool import Pool
from trainvitals.capture.positions import SAMPLES
from trainvitals.capture.steps import Steps
from trainvitals.capture.structure import Structure
from trainvitals.capture.switch import Switch
from trainvitals.capture.taker import Taker
from trainvitals.capture.worker import Worker
from trainvitals.clock import Clock
from trainvitals.collector import Collector
from trainvitals.guard import Guard
from trainvitals_wire.records import Fact


class Watch:
    """Captures one model: wires the parts together, starts and stops them."""

    def __init__(
        self,
        model: Any,
        companions: Sequence[Any],
        *,
        clock: Clock,
        collector: Collector,
        guard: Guard,
        options: Arguments,
        taken: Collection[str] = (),
        leads: bool,
        elsewhere_seconds: Callable[[], float],
    ) -> None:
        self.key = object()
        """Stands for the watch where something outlives it: what held the watch would hold the model."""
        self._model, self._clock, self._collector, self._guard = model, clock, collector, guard
        self.options = options
        self._optimizer, criterion = self.companions = told_apart(companions, model, guard)
        self._elsewhere = elsewhere(companions, model) if leads and self._optimizer is None else None
        self._structure = Structure(model, self._optimizer, options.prefix, Patterns(options.include, options.exclude))
        if not self.layer_names.isdisjoint(taken):
            self._structure.name_under(self._own_prefix(options.prefix, taken))
        self._structure.check(guard)
        self._families = options.families
        self._pace = Pace(
            options.budget,
            options.log_freq,
            aligned=collector.several_ranks,
            standing=elsewhere_seconds if leads else lambda: 0.0,
        )
        self._phases = Phases(naming.unwrapped(model))
        self._switch = Switch(clock, collector, guard, self._pace, self._end_capture, on=options.families is not None)
        self._hunt = Hunt()
        self._breakdown = Breakdown(collector, self._hunt)
        pool = self._new_pool()
        self._worker = Worker(
            self._structure.layers,
            self._structure.parameters,
            watch=self.key,
            collector=collector,
            guard=guard,
            pace=self._pace,
            give_back=pool.give_back,
            leads=leads,
            elsewhere_seconds=elsewhere_seconds,
            on_alarm=partial(self._pace.alarm, grave=True),
            hunt=self._hunt,
        )
        self._circumstances = self._new_circumstances(options.prefix, criterion, leads=leads)
        self._criterion = criterion and CriterionWatch(
            criterion, collector, self._switch.guarded, self._phases, self._circumstances, self._loss_broke
        )
        self._facts = self._optimizer and OptimizerFacts(self._optimizer, collector)
        taker = self._new_taker()
        self._forwards = self._new_forwards(pool, taker)
        self._steps = Steps(
            self._optimizer,
            self._criterion,
            self._facts,
            clock=clock,
            collector=collector,
            switch=self._switch,
            pace=self._pace,
            pool=pool,
            phases=self._phases,
            taker=taker,
            forwards=self._forwards,
            backward=self._new_backward(),
            circumstances=self._circumstances,
            worker=self._worker,
            look=self._look,
            renew=self._renew,
        )

    def start(self) -> None:
        """Set the hooks and tell what the layers are."""
        self._tell_layers()
        self._forwards.start()
        if self._criterion is not None:
            self._criterion.start()
        self._worker.start()
        self._tell_optimizer()
        self._steps.start()

    def stop(self, timeout_seconds: float = 5.0) -> None:
        """Take the hooks off and finish what was sampled."""
        self._steps.stop()
        self._forwards.stop()
        if self._criterion is not None:
            self._criterion.stop()
        self._switch.guarded(self._circumstances.end)
        self._worker.stop(timeout_seconds)

    def wake(self) -> None:
        """Process what waits for a backward pass."""
        self._worker.lull.end()

    def silence(self) -> None:
        """In a forked child: every hook is a no-op."""
        self._switch.silent = True
        self._forwards.silence()
        self._steps.disarm()

    def alarm(self, reason: str, *, grave: bool, now: bool) -> None:
        """The loss asks for a closer look; `now`: on the thread that logs it."""
        if now:
            self._switch.guarded(partial(self._steps.alarm, reason, grave=grave))
            if grave:
                self._switch.guarded(self._breakdown.look, self._clock.current)
        else:
            self._pace.alarm(reason, grave=grave)

    @property
    def spent_seconds(self) -> float:
        """Processor time of its samples so far, in both threads."""
        return self._worker.spent_seconds

    @property
    def standing_seconds(self) -> float:
        """Time of its hooks at steps that were not sampled."""
        return self._steps.standing_seconds

    @property
    def layer_names(self) -> set[str]:
        return self._structure.names

    @property
    def model(self) -> Any:
        return self._model

    @property
    def optimizer(self) -> Any:
        return self._optimizer

    @property
    def in_step(self) -> bool:
        """Whether a forward pass of training has begun since the optimizer's last step."""
        return self._phases.in_step

    def watches(self, model: Any) -> bool:
        return self._model is model

    def state(self) -> dict[str, Any]:
        """What reports tell as `capture`."""
        return {**self._pace.state(), "samples": SAMPLES, "overhead_fraction": self._worker.overhead_fraction}

    def _own_prefix(self, prefix: str | None, taken: Collection[str]) -> str:
        """Two models must not write into each other's series."""
        found = naming.free_prefix(prefix or type(naming.unwrapped(self._model)).__name__, taken)
        self._guard.terminal.warn(
            f"another watched model has layers of the same names: those of this one begin with {found!r}; "
            f"choose your own with watch(..., name=...)"
        )
        return found

    def _new_pool(self) -> Pool:
        return Pool(len(self._structure.layers), len(self._structure.parameters), self._guard.drop)

    def _new_taker(self) -> Taker:
        found = self._structure
        return Taker(found.layers, found.parameters, self._families, self._optimizer, self._tell_missing, self._hunt)

    def _new_backward(self) -> Backward:
        wanted = self._families in ("all", "gradients") and self._optimizer is None
        return Backward(self._structure.parameters if wanted else (), self._switch.guarded, self._tell_missing)

    def _new_circumstances(self, prefix: str | None, criterion: Any, *, leads: bool) -> Circumstances:
        return Circumstances(
            self._model,
            self._optimizer,
            self._structure,
            clock=self._clock,
            collector=self._collector,
            worker=self._worker,
            guarded=self._switch.guarded,
            owner=None if leads else (prefix or type(naming.unwrapped(self._model)).__name__),
            criterion=criterion,
        )

    def _new_forwards(self, pool: Pool, taker: Taker) -> Forwards:
        return Forwards(
            self._model,
            self._structure.layers,
            clock=self._clock,
            switch=self._switch,
            pace=self._pace,
            pool=pool,
            phases=self._phases,
            taker=taker,
            worker=self._worker,
            circumstances=self._circumstances,
            breakdown=self._breakdown,
        )

    def _look(self) -> None:
        """Whether the model still is what is watched."""
        self._stale = self._structure.changed()
        if not self._stale and self._structure.retrained():
            self._tell_layers()
            self._tell_optimizer()
        elif self._facts is not None and self._facts.changed():
            self._tell_optimizer()

    def _renew(self) -> None:
        """Layers or parameters came, went or were replaced: those that are there now are watched from now on."""
        if not self._stale:
            return
        self._stale = False
        pool, taker = self._new_pool(), self._new_taker()
        self._worker.renew(self._structure.layers, self._structure.parameters, pool.give_back)
        self._steps.disarm()
        self._forwards.stop()
        self._forwards = self._new_forwards(pool, taker)
        self._forwards.start()
        self._steps.capture_with(pool, taker, self._forwards, self._new_backward())
        self._circumstances.renew()
        self._tell_optimizer()

    _stale = False

    def _loss_broke(self, fed: Any) -> None:
        self._steps.alarm("the criterion's output is not finite", grave=True)
        self._breakdown.look(self._clock.coming, fed)

    def _tell_layers(self) -> None:
        self._collector.layers(self.key, naming.describe(self._structure.layers, self._structure.parameters))

    def _tell_optimizer(self) -> None:
        if self._facts is not None:
            self._facts.tell(self._clock.coming)
        elif self._elsewhere is not None:
            fact: Fact = {"kind": "optimizer_elsewhere", "step": self._clock.coming, "details": self._elsewhere}
            self._collector.fact(fact)
            self._elsewhere = None

    def _end_capture(self) -> None:
        self._steps.disarm()
        self._forwards.expect(None)
        if self._criterion is not None:
            self._criterion.stop()

    def _tell_missing(self, names: list[str]) -> None:
        self._collector.fact({"kind": "no_gradient", "step": self._clock.coming, "parameters": names})
