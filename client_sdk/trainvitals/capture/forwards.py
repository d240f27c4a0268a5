"""The forward passes of a watched model: which sample its layers fill, and what is taken of them."""

import time
from typing import Any

from trainvitals.capture.blindness import Blindness
from trainvitals.capture.breakdown import Breakdown
from trainvitals.capture.circumstances import Circumstances
from trainvitals.capture.evaluations import Evaluations
from trainvitals.capture.gate import Gate
from trainvitals.capture.graph_hooks import BeginHook, EndHook
from trainvitals.capture.graphs import Room, forget_graphs
from trainvitals.capture.layer_hooks import LayerHooks
from trainvitals.capture.layers import WatchedLayer, hookable
from trainvitals.capture.pace import Pace
from trainvitals.capture.phases import Phases
from trainvitals.capture.pool import Pool
from trainvitals.capture.sample import Sample
from trainvitals.capture.switch import Switch
from trainvitals.capture.taker import Taker
from trainvitals.capture.worker import Worker
from trainvitals.clock import Clock


class Forwards:
    """Everything named `_on_...` runs on the training thread and never raises into it."""

    def __init__(
        self,
        model: Any,
        layers: list[WatchedLayer],
        *,
        clock: Clock,
        switch: Switch,
        pace: Pace,
        pool: Pool,
        phases: Phases,
        taker: Taker,
        worker: Worker,
        circumstances: Circumstances,
        breakdown: Breakdown,
    ) -> None:
        self._model = model
        self._clock = clock
        self._switch = switch
        self._pace = pace
        self._phases = phases
        self._taker = taker
        self._worker = worker
        self._circumstances = circumstances
        self._breakdown = breakdown
        self._gate = Gate()
        watched = layers if taker.wants_activations else ()
        self._hooks = LayerHooks(model, watched, self._on_layer, self._gate, phases)
        self._evaluations = Evaluations(phases, pool, self._hooks, self._evaluation_done)
        self._room = Room()
        self._blindness = Blindness(switch.say)
        self._expected: Sample | None = None
        self._rests = False
        """Neither the coming training pass is sampled nor was the one before: most are so, and each call counts."""
        self._inside_training = False
        """A training pass of the whole model runs: also parts of it without gradients, such as a frozen backbone."""
        self._handles: list[Any] = []

    def start(self) -> None:
        """Hang up the hooks that tell training from evaluation."""
        if self._taker.wants_activations and hookable(self._model):
            begin = BeginHook(self._on_forward_begins, self._gate, self._phases)
            end = EndHook(self._on_forward_ends, self._gate, self._phases)
            self._handles = [
                self._model.register_forward_pre_hook(begin, with_kwargs=True),
                self._model.register_forward_hook(end),
            ]
            self._renew_graphs()

    def stop(self) -> None:
        """Take every hook off."""
        self._expected = None
        self._evaluations.leave()
        self.expect(None)
        self._gate.evaluation = False
        self._hooks.close()
        for handle in self._handles:
            handle.remove()
        self._handles = []
        if self._gate.compiled:
            forget_graphs(self._model)
            self._room.give_back()

    def silence(self) -> None:
        """In a forked child, without touching what it shares with its parent."""
        self._hooks.sample = self._expected = None
        self._gate.training = self._gate.evaluation = self._gate.open = False

    def expect(self, sample: Sample | None) -> None:
        """What the coming training pass fills; a compiled model gets the graph without looks in its second step."""
        if self._expected is not None and self._hooks.hangable and self._blindness.step_is_done(self._hooks.inside):
            self._renew_graphs()
        if self._gate.compiled and not self._gate.passed_shut:
            sample, self._gate.passed_shut = None, True
            self._room.take()
        self._expected = sample
        self._rests = False
        self._inside_training = False
        self._gate.training = sample is not None
        self._gate.evaluation = self._evaluation_is_due()
        self._hooks.fill(sample)

    def rest(self) -> None:
        """One more training pass fills nothing."""
        self._rests = True
        self._inside_training = False
        if not self._gate.evaluation:
            # What is due stays so until it is sampled.
            self._gate.evaluation = self._evaluation_is_due()
        if self._hooks.sample is not None:
            self._hooks.fill(None)

    def _renew_graphs(self) -> None:
        """Those that were compiled without hooks."""
        if forget_graphs(self._model):
            self._hooks.wait()

    def _evaluation_is_due(self) -> bool:
        return self._switch.on and self._phases.evaluation_due(self._clock.current, self._pace.interval["shallow"])

    def _on_forward_begins(self, arguments: Any, gradients: bool) -> None:
        if self._switch.silent:
            return
        if self._rests and self._hooks.sample is None and self._phases.forward_trains(gradients):
            self._inside_training = True
            self._breakdown.begins(arguments)
            self._circumstances.rest_begins()
        else:
            self._switch.guarded(self._forward_begins, arguments, gradients)

    def _on_forward_ends(self, output: Any, gradients: bool) -> None:
        self._inside_training = False
        if self._rests and self._hooks.sample is None and not self._worker.lull.waits:
            return
        if not self._switch.silent:
            if gradients:
                self._switch.guarded(self._circumstances.forward_ends, output)
            self._switch.guarded(self._evaluations.end)

    def _on_layer(self, row: int, output: Any, gradients: bool) -> None:
        sample = self._hooks.sample
        trains = self._inside_training or self._phases.trains(gradients)
        if sample is None or (sample.phase == "training" and not trains):
            return
        started = time.perf_counter()
        self._blindness.saw(row)
        self._switch.guarded(self._taker.activation, row, sample, output)
        sample.training_seconds += time.perf_counter() - started

    def _forward_begins(self, arguments: Any, gradients: bool) -> None:
        now = self._hooks.sample
        self._inside_training = self._phases.forward_trains(gradients)
        if self._inside_training:
            self._breakdown.begins(arguments)
            if now is not self._expected:
                self._evaluations.leave()
                self._hooks.fill(self._expected)
            if self._expected is not None:
                self._taker.inputs(self._expected, arguments)
            self._circumstances.forward_begins(arguments, training=True, sampled=self._expected is not None)
        elif now is None or now.phase == "training":
            if self._switch.on:
                self._circumstances.forward_begins(arguments, training=False, sampled=self._evaluation_is_due())
                self._evaluations.begin(self._clock.current, self._pace.interval["shallow"])
                self._gate.evaluation = False
            else:
                self._hooks.fill(None)

    def _evaluation_done(self, sample: Sample) -> None:
        self._worker.submit(sample)
        self._hooks.fill(self._expected)
