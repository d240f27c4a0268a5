"""The criterion: its output as a metric, and what it is fed."""

import math
from collections.abc import Callable
from typing import Any

import torch

from trainvitals.capture.circumstances import Circumstances
from trainvitals.capture.flat import local
from trainvitals.capture.hooks import Hook
from trainvitals.capture.phases import Phases
from trainvitals.collector import Collector, Number
from trainvitals.number import number
from trainvitals_wire.names import CRITERION_LOSS_KEY

SETTINGS = """
reduction label_smoothing ignore_index margin delta beta alpha gamma zero_infinity log_target full eps
"""
"""Settings of a loss that a rule may want to know."""
WEIGHTS = ("weight", "pos_weight")


class CriterionWatch:
    """Hangs on the loss module. Several calls in one step (accumulation) are stored as their mean."""

    def __init__(
        self,
        criterion: Any,
        collector: Collector,
        guarded: Callable[..., None],
        phases: Phases,
        circumstances: Circumstances,
        on_broken: Callable[[Any], None],
    ) -> None:
        self._criterion = criterion
        self._collector = collector
        self._guarded = guarded
        self._phases = phases
        self._circumstances = circumstances
        self._on_broken = on_broken
        self._type = type(criterion).__name__
        self._settings = settings_of(criterion)
        self._losses: list[Number] = []
        self._handle: Any = None

    def start(self) -> None:
        """Hang up the hook."""
        self._handle = self._criterion.register_forward_hook(Hook(self._on_loss))

    def stop(self) -> None:
        """Take it off again."""
        if self._handle is not None:
            self._handle.remove()
            self._handle = None

    def complete(self, step: int, moment: float) -> None:
        """The step is done: store the criterion's output of its forward passes."""
        losses, self._losses = self._losses, []
        if losses:
            value = losses[0] if len(losses) == 1 else Mean(losses)
            self._collector.metrics((CRITERION_LOSS_KEY,), step, moment, (value,))

    def _on_loss(self, module: Any, arguments: Any, output: Any) -> None:
        self._guarded(self._see, arguments, output)

    def _see(self, arguments: Any, output: Any) -> None:
        gradients = torch.is_grad_enabled()
        if gradients:
            value = number(output)
            if value is not None:
                self._losses.append(value)
                if type(value) is float and not math.isfinite(value):
                    self._on_broken(arguments)
            self._circumstances.loss_made(output)
            if self._circumstances.rests:
                return
        trains = self._phases.trains(gradients)
        if self._circumstances.looks(trains):
            tensors = [local(argument) for argument in arguments if isinstance(argument, torch.Tensor)]
            if len(tensors) >= 2:
                self._circumstances.criterion_called(self._type, self._settings, tensors[0], tensors[1], trains)


class Mean:
    """The mean of numbers that may not be here yet."""

    def __init__(self, values: list[Number]) -> None:
        self._values = values

    def __float__(self) -> float:
        return sum(float(value) for value in self._values) / len(self._values)


def settings_of(criterion: Any) -> dict[str, Any]:
    """What a loss is set to, where it has it; of weights of classes least, greatest and how many."""
    found = {name: getattr(criterion, name) for name in SETTINGS.split() if hasattr(criterion, name)}
    plain = {name: value for name, value in found.items() if isinstance(value, bool | int | float | str)}
    for name in WEIGHTS:
        weight = getattr(criterion, name, None)
        if isinstance(weight, torch.Tensor) and weight.numel() and weight.device.type != "meta":
            values = weight.detach().float().cpu()
            plain |= {f"{name}_min": float(values.min()), f"{name}_max": float(values.max())}
            plain[f"{name}_count"] = weight.numel()
    return plain
