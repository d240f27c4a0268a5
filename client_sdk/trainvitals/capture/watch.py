"""A watch: the hooks on one model and its optimizer, and when they take a sample."""

import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Any, Literal

import torch
from torch import nn

from trainvitals import terminal
from trainvitals.capture import layers as naming
from trainvitals.capture.criterion import CriterionWatch
from trainvitals.capture.flat import first_floating, local, sampleable
from trainvitals.capture.gradients import norms
from trainvitals.capture.hooks import Hook, LayerHook, Switch
from trainvitals.capture.optimizer import OptimizerFacts, has_closure, skipped, told_apart
from trainvitals.capture.pace import Pace
from trainvitals.capture.positions import SAMPLES
from trainvitals.capture.sample import Sample
from trainvitals.capture.units import RECTIFIERS, is_channel_first, unit_peaks
from trainvitals.capture.worker import Worker
from trainvitals.clock import Clock
from trainvitals.collector import Collector
from trainvitals.guard import Guard
from trainvitals.number import number

BUFFER_SETS = 3
FAULTS_MAX = 20
"""So many exceptions in hooks, and the watch turns itself off."""
SPIKE_RATIO = 3.0
"""A loss so many times its running mean asks for samples."""
UNIT_ELEMENTS_SHALLOW_MAX = 2**18
"""Outputs up to this size have their units' peaks taken at every sample, larger ones on deep steps."""
Families = Literal["all", "gradients", "parameters", "activations"] | None


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
        include: Sequence[str],
        exclude: Sequence[str],
        budget: float,
        sender_seconds: Callable[[], float],
    ) -> None:
        _check(model, log, log_freq, budget)
        self._model = model
        self._root = naming.unwrapped(model)
        self._optimizer, criterion = told_apart(companions, guard)
        self._clock = clock
        self._collector = collector
        self._guard = guard
        self._families = log
        optimized = None if self._optimizer is None else OptimizerFacts.members(self._optimizer)
        self._layers, self._parameters = naming.find(model, optimized, prefix, naming.Patterns(include, exclude))
        self._rectifies = [isinstance(layer.module, RECTIFIERS) for layer in self._layers]
        self._channel_first = [is_channel_first(type(layer.module).__name__) for layer in self._layers]
        self._pace = Pace(budget, log_freq)
        self._switch = Switch()
        self._armed: Sample | None = None
        self._free: SimpleQueue[Sample] = SimpleQueue()
        for _ in range(BUFFER_SETS):
            self._free.put(Sample(len(self._layers), len(self._parameters)))
        self._free_evaluation: SimpleQueue[Sample] = SimpleQueue()
        self._free_evaluation.put(Sample(len(self._layers), 0))
        self._worker = Worker(
            self._layers,
            self._parameters,
            watch=self,
            collector=collector,
            guard=guard,
            pace=self._pace,
            give_back=self._give_back,
            sender_seconds=sender_seconds,
            on_alarm=self._alarm,
        )
        self._criterion = (
            None if criterion is None else CriterionWatch(criterion, clock, collector, guard, self._worker)
        )
        self._facts = None if self._optimizer is None else OptimizerFacts(self._optimizer, collector)
        self._handles: list[Any] = []
        self._hanging: list[Any] = []
        self._layer_hooks: list[tuple[Any, LayerHook]] = []
        self._evaluation_ends: Any = None
        self._count = 0
        self._drives = False
        self._completed_at: float | None = None
        self._evaluated_at: int | None = None
        self._ungraded: frozenset[str] | None = None
        self._usual_loss: float | None = None
        self._trained_forward = False
        self._evaluating_trains = False
        self._silent = False

    # --- life -------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Set the hooks and tell what the layers are."""
        if self._optimizer is not None and self._clock.driven_by == "log":
            self._clock.driven_by = "optimizer"
            self._drives = True
        self._collector.layers(self, naming.describe(self._layers, self._parameters))
        if self._families is None:
            self._pace.mode, self._pace.reason = "off", "log=None"
        self._hook()
        self._worker.start()
        if self._facts is not None:
            self._facts.tell(self._clock.coming)
        self._arm()

    def stop(self, timeout_seconds: float = 5.0) -> None:
        """Take the hooks off and finish what was sampled."""
        self._unhook()
        self._worker.stop(timeout_seconds)
        if self._drives:
            self._clock.driven_by = "log"

    def silence(self) -> None:
        """In a forked child: every hook is a no-op."""
        self._silent = True
        self._switch.sample = self._armed = None

    def watches(self, model: Any) -> bool:
        return self._model is model

    def state(self) -> dict[str, Any]:
        """What reports tell as `capture`."""
        return {**self._pace.state(), "samples": SAMPLES, "overhead_fraction": self._worker.overhead_fraction}

    def see_loss(self, value: float) -> None:
        """A loss was logged: not finite, or far above what it was, it asks for samples."""
        usual = self._usual_loss
        if value != value or value in (float("inf"), float("-inf")):
            self._alarm("the loss is not finite")
            return
        if usual is not None and usual > 0 and value > SPIKE_RATIO * usual:
            self._alarm(f"the loss rose to {value:.3g} from about {usual:.3g}")
        self._usual_loss = value if usual is None else 0.9 * usual + 0.1 * value

    def complete_by_log(self, step: int) -> None:
        """Without an optimizer each `log` is a step: what there is of gradients and weights is read now."""
        if self._optimizer is None and not self._silent:
            self._guarded(self._complete, step)

    # --- hooks ------------------------------------------------------------------------------------------------------

    def _hook(self) -> None:
        add = self._handles.append
        if self._families in ("all", "activations"):
            if naming.hookable(self._model):
                add(self._model.register_forward_pre_hook(Hook(self._on_forward_begins)))
            self._layer_hooks = [
                (layer.module, LayerHook(self._switch, row, self._on_layer))
                for row, layer in enumerate(self._layers)
                if naming.hookable(layer.module)
            ]
        if self._optimizer is not None:
            add(self._optimizer.register_step_pre_hook(Hook(self._on_step_begins)))
            add(self._optimizer.register_step_post_hook(Hook(self._on_step_ends)))
        if self._criterion is not None:
            add(self._criterion.hook())

    def _hang(self, sample: Sample | None) -> None:
        """Hang the layers' hooks up for a sample and take them off after it: a module with hooks takes a slow path."""
        self._switch.sample = sample
        if sample is not None and not self._hanging:
            self._hanging = [module.register_forward_hook(hook) for module, hook in self._layer_hooks]
        elif sample is None and self._hanging:
            for handle in self._hanging:
                handle.remove()
            self._hanging = []

    def _unhook(self) -> None:
        self._armed = None
        self._hang(None)
        if self._evaluation_ends is not None:
            self._evaluation_ends.remove()
        for handle in self._handles:
            handle.remove()
        self._handles.clear()

    def _on_forward_begins(self, module: Any, arguments: Any) -> None:
        if not self._silent:
            self._guarded(self._forward_begins, arguments)

    def _on_evaluation_ends(self, module: Any, arguments: Any, output: Any) -> None:
        self._guarded(self._evaluation_done)

    def _on_layer(self, row: int, module: Any, arguments: Any, output: Any) -> None:
        started = time.perf_counter()
        sample = self._switch.sample
        self._guarded(self._take_activation, row, sample, output)
        sample.training_seconds += time.perf_counter() - started

    def _on_step_begins(self, optimizer: Any, arguments: Any, options: Any) -> None:
        sample = self._armed
        if sample is not None and not has_closure(arguments, options):
            started = time.perf_counter()
            self._guarded(self._take_gradients, sample)
            self._guarded(self._take_weights, sample.planes.weights_before)
            sample.training_seconds += time.perf_counter() - started

    def _on_step_ends(self, optimizer: Any, arguments: Any, options: Any) -> None:
        if not self._silent:
            self._guarded(self._step_ends, has_closure(arguments, options))

    def _guarded(self, act: Callable[..., None], *arguments: Any) -> None:
        try:
            act(*arguments)
        except Exception as error:
            if self._guard.count("hook") + 1 >= FAULTS_MAX:
                self._turn_off(error)
            self._guard.caught("hook", error)

    def _turn_off(self, error: Exception) -> None:
        self._unhook_keeping_clock()
        reason = f"{FAULTS_MAX} exceptions in hooks, the last {type(error).__name__}: {error}"
        self._pace.mode, self._pace.reason = "off", reason
        self._collector.fact({"kind": "watch_off", "step": self._clock.current, "details": {"reason": reason}})
        terminal.line(f"the watch turned itself off after {reason}; training and logged metrics go on")

    def _unhook_keeping_clock(self) -> None:
        """The optimizer's hook stays: it is the clock."""
        self._armed = None
        self._hang(None)
        self._families = None

    # --- taking -----------------------------------------------------------------------------------------------------

    def _forward_begins(self, arguments: Any) -> None:
        if self._trains_now():
            if self._switch.sample is not self._armed:
                self._leave_evaluation()
                self._hang(self._armed)
            if self._armed is not None and not self._armed.planes.inputs.filled[0]:
                tensor = first_floating(arguments)
                if tensor is not None:
                    self._armed.planes.inputs.put(0, tensor)
        elif self._switch.sample is None or self._switch.sample.phase == "training":
            self._hang(self._evaluation_sample())

    def _trains_now(self) -> bool:
        """Gradients on and training mode; a model that is trained in evaluation mode shows it by its steps."""
        if not torch.is_grad_enabled():
            return False
        if self._root.training:
            self._trained_forward = True
            self._evaluating_trains = False
        return bool(self._root.training or self._evaluating_trains)

    def _evaluation_sample(self) -> Sample | None:
        """One forward pass of each evaluation, as often as training is sampled."""
        step = self._clock.current
        pause = self._pace.interval["shallow"]
        if self._families is None or (self._evaluated_at is not None and step - self._evaluated_at < pause):
            return None
        sample = self._take(self._free_evaluation)
        if sample is not None:
            sample.begin("shallow", "evaluation")
            sample.step, sample.time = step, time.time()
            self._evaluated_at = step
            self._evaluation_ends = self._model.register_forward_hook(Hook(self._on_evaluation_ends))
        return sample

    def _leave_evaluation(self) -> None:
        """An evaluation pass that raised never ended: take its buffers back."""
        sample = self._switch.sample
        if sample is not None and sample.phase == "evaluation":
            self._give_back(sample)
        if self._evaluation_ends is not None:
            self._evaluation_ends.remove()
            self._evaluation_ends = None

    def _evaluation_done(self) -> None:
        if self._evaluation_ends is not None:
            self._evaluation_ends.remove()
            self._evaluation_ends = None
        sample = self._switch.sample
        if sample is not None and sample.phase == "evaluation":
            self._submit(sample)
            self._hang(self._armed)

    def _take_activation(self, row: int, sample: Sample, output: Any) -> None:
        plane = sample.planes.activations
        if sample.phase == "training" and not (torch.is_grad_enabled() and self._model_trains()):
            return
        if plane.filled[row]:
            return
        tensor = first_floating(output)
        if tensor is None:
            return
        plane.put(row, tensor)
        sample.order.append(row)
        sample.shapes[row] = tuple(tensor.shape)
        deep = sample.depth == "deep"
        if (
            self._rectifies[row]
            and sample.phase == "training"
            and (deep or tensor.numel() <= UNIT_ELEMENTS_SHALLOW_MAX)
        ):
            sample.unit_peaks[row] = unit_peaks(tensor, self._has_channels_first(sample, tensor))
        if deep:
            sample.extremes[row] = torch.stack(torch.aminmax(tensor.detach()))

    def _model_trains(self) -> bool:
        return bool(self._root.training or self._evaluating_trains)

    def _has_channels_first(self, sample: Sample, tensor: Any) -> bool:
        """Told by the last layer with parameters before this one."""
        before = next((at for at in reversed(sample.order[:-1]) if self._layers[at].parameters), None)
        return tensor.dim() == 4 if before is None else self._channel_first[before]

    def _take_gradients(self, sample: Sample) -> None:
        if self._families not in ("all", "gradients"):
            return
        plane = sample.planes.gradients
        rows, gradients, missing = [], [], []
        for row, parameter in enumerate(self._parameters):
            gradient = parameter.tensor.grad
            if gradient is None:
                if parameter.tensor.requires_grad:
                    missing.append(parameter.name)
                continue
            gradient = local(gradient)
            if sampleable(gradient):
                rows.append(row)
                gradients.append(gradient)
                plane.put(row, gradient)
        if gradients:
            sample.gradient_norms = norms(gradients)
        scale = getattr(self._optimizer, "grad_scale", None)
        if scale is not None:
            sample.gradient_scale = number(scale) or 1.0
        self._tell_missing(frozenset(missing))

    def _take_weights(self, plane: Any) -> None:
        if self._families in ("all", "parameters"):
            for row, parameter in enumerate(self._parameters):
                tensor = local(parameter.tensor)
                if sampleable(tensor) and (
                    parameter.tensor.requires_grad or parameter.in_optimizer or not plane.filled[row]
                ):
                    plane.put(row, tensor)

    def _tell_missing(self, missing: frozenset[str]) -> None:
        """Trainable parameters without a gradient at the step: a fact, once and when it changes."""
        if missing != (self._ungraded or frozenset()):
            self._collector.fact({"kind": "no_gradient", "step": self._clock.coming, "parameters": sorted(missing)})
        self._ungraded = missing

    # --- steps ------------------------------------------------------------------------------------------------------

    def _step_ends(self, closure: bool) -> None:
        if skipped(self._optimizer):
            self._collector.fact({"kind": "skipped_step", "step": self._clock.coming, "details": {"count": 1}})
            self._drop_sample()
            return
        if not self._trained_forward:
            self._evaluating_trains = True
        self._trained_forward = False
        started = time.perf_counter()
        if closure and self._armed is not None:
            self._take_gradients(self._armed)
        step = self._clock.complete() if self._drives else self._clock.coming
        self._complete(step, started)

    def _complete(self, step: int, started: float | None = None) -> None:
        """The step is done: read the weights, hand over the sample, decide about the next step."""
        started = time.perf_counter() if started is None else started
        moment = time.time()
        sample = self._armed
        if sample is not None:
            if self._optimizer is None:
                self._take_gradients(sample)
            self._take_weights(sample.planes.weights)
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
            if self._drives or self._optimizer is None:
                keys, values = (*keys, "step_seconds"), (*values, seconds)
        if keys:
            self._collector.statistics(keys, step, moment, values)
        if self._criterion is not None:
            self._criterion.complete(step, moment)
        self._completed_at = now

    def _submit(self, sample: Sample) -> None:
        sample.depart()
        self._worker.submit(sample)
        if sample is self._armed:
            self._armed = None

    def _arm(self) -> None:
        """Decide about the coming step; without a free buffer set it is dropped and counted, never waited for."""
        depth = self._pace.choose(self._count) if self._families is not None else None
        self._armed = self._take(self._free) if depth is not None else None
        if self._armed is not None and depth is not None:
            self._armed.begin(depth, "training")
        if self._armed is not self._switch.sample or self._armed is None:
            self._hang(self._armed)

    def _drop_sample(self) -> None:
        if self._armed is not None:
            self._armed.begin(self._armed.depth, "training")

    def _give_back(self, sample: Sample) -> None:
        (self._free if sample.phase == "training" else self._free_evaluation).put(sample)

    def _take(self, free: SimpleQueue[Sample]) -> Sample | None:
        try:
            return free.get_nowait()
        except Empty:
            self._guard.drop("capture_busy")
            return None

    def _alarm(self, reason: str) -> None:
        self._pace.alarm(self._count + 1, reason)


def _check(model: Any, log: Any, log_freq: Any, budget: Any) -> None:
    if not isinstance(model, nn.Module):
        raise TypeError(f"watch needs a torch.nn.Module, not {type(model).__name__}")
    if log not in ("all", "gradients", "parameters", "activations", None):
        raise ValueError(f"log={log!r} is not known: 'all', 'gradients', 'parameters', 'activations' or None")
    if log_freq is not None and not (isinstance(log_freq, int) and log_freq >= 1):
        raise ValueError(f"log_freq={log_freq!r} must be a whole number from 1")
    if not 0 <= budget <= 1:
        raise ValueError(f"budget={budget!r} must be a share from 0 to 1")
