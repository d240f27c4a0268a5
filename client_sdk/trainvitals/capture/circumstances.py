"""The circumstances of a step: its batch, its backward passes, what its optimizer and its scaler are set to."""

from collections.abc import Callable
from typing import Any

from trainvitals.capture import loss_gradient
from trainvitals.capture.layers import unwrapped
from trainvitals.capture.looks import LOOKS_DENSE, Look, Looks
from trainvitals.capture.loss_graph import LossGraph
from trainvitals.capture.module_modes import ModuleModes
from trainvitals.capture.passes import BackwardPasses
from trainvitals.capture.sample import Sample
from trainvitals.capture.scaler import Scaler
from trainvitals.capture.settings import Settings
from trainvitals.capture.structure import Structure
from trainvitals.capture.unregistered import Unregistered
from trainvitals.capture.wiring import wiring
from trainvitals.capture.worker import Worker
from trainvitals.clock import Clock
from trainvitals.collector import Collector
from trainvitals_wire.records import Fact

EVALUATION_LOOKS_MAX = 4
"""Batches of one evaluation whose outputs are looked at."""
BLIND_INTERVAL = 500
"""Without samples (`log=None`) the criterion is looked at each so many steps."""


class Circumstances:
    """All of it runs on the training thread, between guards that keep its faults from the training."""

    def __init__(
        self,
        model: Any,
        optimizer: Any,
        structure: Structure,
        *,
        clock: Clock,
        collector: Collector,
        worker: Worker,
        guarded: Callable[..., None],
        owner: str | None,
        criterion: Any,
    ) -> None:
        self._asks_gradient = not loss_gradient.tells_itself(criterion)
        self._collector = collector
        self._owner = owner
        self._guarded = guarded
        self._root = unwrapped(model)
        self._optimizer = optimizer
        self._structure = structure
        self._clock = clock
        self._leads = owner is None
        self._worker = worker
        self._passes = BackwardPasses(guarded)
        self._scaler = Scaler(collector, worker)
        self._looks = Looks(collector, worker.call, owner=owner)
        self._loss_graph = LossGraph(collector, guarded, owner)
        self._unregistered = Unregistered(collector, worker.call, owner)
        self.renew()
        self._steps = 0
        self._evaluation: Look | None = None
        self._evaluated: tuple[int, int] = (-1, 0)

    def renew(self) -> None:
        """The model has other layers or parameters than before."""
        self._wired = False
        self._settings = Settings(self._optimizer, self._structure.parameters)
        self._passes.parameters = self._structure.parameters
        self._looks.model_is(self._structure.layers, ModuleModes(self._root))
        self._guarded(self._unregistered.model_is, self._root, self._optimizer)

    def expect(self, sample: Sample | None, samples: bool) -> None:
        """What of the coming step is captured; `samples`: whether any step is."""
        deep = None if sample is None else sample.depth == "deep"
        if not samples:
            deep = True if self._steps < LOOKS_DENSE or self._steps % BLIND_INTERVAL == 0 else None
        self._looks.expect(deep)
        self._passes.expect(self._looks.training is not None and sample is not None)

    def rest_begins(self) -> None:
        """A training pass in a step of which no sample is taken."""
        self._scaler.forward()

    def rest(self, step: int, moment: float) -> None:
        """The optimizer has moved, in a step of which no sample was taken."""
        self._steps += 1
        if self._evaluation is not None:
            self._flush()
        self._scaler.step_done(step, moment, False, self._leads)

    def forward_begins(self, arguments: Any, *, training: bool, sampled: bool) -> None:
        """Of the watched model; `sampled`: its layers are looked at."""
        if training:
            self._scaler.forward()
            if self._looks.training is not None:
                self._looks.input(self._looks.training, arguments)
            return
        self._flush()
        if sampled:
            self._evaluated = (self._clock.current, 0)
        look = self._evaluation_look()
        if look is not None:
            self._looks.input(look, arguments)

    def forward_ends(self, output: Any) -> None:
        """A loss may come of it."""
        self.loss_made(output)
        if self._asks_gradient and self._looks.training is not None:
            loss_gradient.listen(self._looks.training, output, self._guarded)
            self._loss_graph.listen(output, self._looks.training, takes_loss=self._looks.asks_loss)
        if self._looks.training is not None:
            self._unregistered.seen(output)
            if not self._wired:
                self._wired = True
                self._tell_wiring(output)

    def _tell_wiring(self, output: Any) -> None:
        found = wiring(output, self._structure.parameters)
        if found is not None:
            fact: Fact = {"kind": "wiring", "step": self._clock.current, "details": found}
            if self._owner is not None:
                fact["owner"] = self._owner
            self._collector.fact(fact)

    def looks(self, training: bool) -> bool:
        """Whether what the criterion is fed now may be looked at."""
        if training:
            return self._looks.training is not None
        return self._evaluation is not None or self._evaluated[0] == self._clock.current

    def criterion_called(
        self, criterion: str, settings: dict[str, Any], outputs: Any, targets: Any, training: bool
    ) -> None:
        """The loss was computed."""
        look = self._looks.training if training else self._evaluation_look()
        if look is None:
            return
        look.criterion, look.settings = criterion, settings
        look.fed(outputs, targets)
        if not training:
            self._flush()

    @property
    def rests(self) -> bool:
        """Whether no loss is looked at: neither in this step nor in an evaluation after the one before."""
        return self._looks.training is None and self._evaluation is None and self._evaluated[0] != self._clock.current

    def loss_made(self, loss: Any) -> None:
        """By the criterion."""
        if self._worker.lull.waits:
            self._worker.lull.listen(loss)
        if self._passes.on:
            self._passes.listen(loss)

    def step_begins(self) -> None:
        """Inside `optimizer.step`, of a sampled step."""
        if self._looks.training is not None:
            self._scaler.find()
        found = getattr(self._optimizer, "found_inf", None)
        if found is not None and found.device.type == "cpu":
            # A fused optimizer says itself that it skips, and on the host it can be asked at once.
            self._scaler.tells_skips = False

    def step_ends(self, sample: Sample | None, step: int, moment: float) -> None:
        """The optimizer has moved: what was seen goes with the sample."""
        self._steps += 1
        if self._evaluation is not None:
            self._flush()
        look = self._looks.training
        if look is not None:
            look.gradient_scale = self._scaler.scale
        task = None if look is None else self._looks.done(look, step, moment)
        self._scaler.step_done(step, moment, sample is not None, self._leads)
        if look is not None:
            self._loss_graph.step_ends(step)
        if sample is None:
            if task is not None:
                self._worker.call(task)
            return
        if task is not None:
            sample.tasks.append(task)
        self._unregistered.look(step, deep=sample.depth == "deep")
        sample.passes = self._passes.seen(self._scaler.scale if look is None else look.gradient_scale)
        exact = sample.whole or sample.depth == "deep"
        sample.settings = self._settings.read(sample.planes.second_moments if exact else None)

    def end(self) -> None:
        """The watch ends."""
        self._looks.end()

    def _evaluation_look(self) -> Look | None:
        """The look that is open, else one more of the evaluation of this step."""
        step, looks = self._evaluated
        if self._evaluation is None and step == self._clock.current and looks < EVALUATION_LOOKS_MAX:
            self._evaluated = (step, looks + 1)
            self._evaluation = self._looks.evaluation()
        return self._evaluation

    def _flush(self) -> None:
        look, self._evaluation = self._evaluation, None
        if look is not None:
            self._looks.submit(look, self._clock.current)
