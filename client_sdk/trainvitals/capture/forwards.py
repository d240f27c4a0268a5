"""The forward passes of a watched model: which sample its layers fill, and what is taken of them."""

import time
from typing import Any

from trainvitals.capture.evaluations import Evaluations
from trainvitals.capture.hooks import Hook
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
    ) -> None:
        self._model = model
        self._clock = clock
        self._switch = switch
        self._pace = pace
        self._phases = phases
        self._taker = taker
        self._worker = worker
        self._hooks = LayerHooks(layers if taker.wants_activations else (), self._on_layer)
        self._evaluations = Evaluations(
            model, phases, pool, self._hooks, lambda sample: switch.guarded(self._evaluation_done, sample)
        )
        self._expected: Sample | None = None
        self._handle: Any = None

    def start(self) -> None:
        """Hang up the hook that tells training from evaluation."""
        if self._taker.wants_activations and hookable(self._model):
            self._handle = self._model.register_forward_pre_hook(Hook(self._on_forward_begins))

    def stop(self) -> None:
        """Take every hook off."""
        self._evaluations.leave()
        self.expect(None)
        if self._handle is not None:
            self._handle.remove()
            self._handle = None

    def silence(self) -> None:
        """In a forked child, without touching what it shares with its parent."""
        self._hooks.sample = self._expected = None

    def expect(self, sample: Sample | None) -> None:
        """What the coming training pass fills."""
        self._expected = sample
        self._hooks.fill(sample)

    def _on_forward_begins(self, module: Any, arguments: Any) -> None:
        if not self._switch.silent:
            self._switch.guarded(self._forward_begins, arguments)

    def _on_layer(self, row: int, output: Any) -> None:
        sample = self._hooks.sample
        if sample is None or (sample.phase == "training" and not self._phases.trains()):
            return
        started = time.perf_counter()
        self._switch.guarded(self._taker.activation, row, sample, output)
        sample.training_seconds += time.perf_counter() - started

    def _forward_begins(self, arguments: Any) -> None:
        now = self._hooks.sample
        if self._phases.forward_trains():
            if now is not self._expected:
                self._evaluations.leave()
                self._hooks.fill(self._expected)
            if self._expected is not None:
                self._taker.inputs(self._expected, arguments)
        elif now is None or now.phase == "training":
            if self._switch.on:
                self._evaluations.begin(self._clock.current, self._pace.interval["shallow"])
            else:
                self._hooks.fill(None)

    def _evaluation_done(self, sample: Sample | None) -> None:
        if sample is not None:
            self._worker.submit(sample)
        self._hooks.fill(self._expected)
