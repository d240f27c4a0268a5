"""The forward hooks of a model: plain Python in eager mode, a look in compiled graphs while the gate is open."""

from collections.abc import Callable
from typing import Any

import torch

from trainvitals.capture.flat import first_floating, numeric
from trainvitals.capture.frames import outside_graphs
from trainvitals.capture.gate import Gate
from trainvitals.capture.hooks import Hook, tensors_are_plain
from trainvitals.capture.look import look, mark
from trainvitals.capture.phases import Phases


class GraphHook(Hook):
    """Calls `act(seen, gradients)` while the model runs, compiled or not. `compiled`: it was called inside a graph."""

    __slots__ = ("__weakref__", "_gate", "_mark", "_phases", "compiled")

    def __init__(self, act: Callable[[Any, bool], None], gate: Gate, phases: Phases) -> None:
        super().__init__(act)
        self._gate = gate
        self._phases = phases
        self._mark = mark(self)
        self.compiled = False

    def arrive(self, seen: list[Any], gradients: bool) -> None:
        """From inside a graph."""
        self.compiled = self._gate.compiled = True
        self._act(tuple(seen), gradients)


class LayerHook(GraphHook):
    """Sees the output of a layer."""

    @outside_graphs
    def __call__(self, module: Any, arguments: Any, output: Any) -> None:
        if not torch.compiler.is_compiling():
            if tensors_are_plain():
                self._act(output, torch.is_grad_enabled())
        elif self._gate.open:
            tensor = first_floating(output, accepts=numeric)
            if tensor is not None:
                look(self._mark, [tensor])


class BeginHook(GraphHook):
    """Sees the input of the whole model, and opens or shuts the gate for this pass."""

    @outside_graphs
    def __call__(self, module: Any, arguments: Any, options: Any) -> None:
        if not torch.compiler.is_compiling():
            if tensors_are_plain():
                self._act((*arguments, *options.values()) if options else arguments, torch.is_grad_enabled())
            return
        trains = self._phases.forward_trains(torch.is_grad_enabled())
        self._gate.open = self._gate.training if trains else self._gate.evaluation
        if self._gate.open:
            given = (*arguments, *options.values())
            look(self._mark, [argument for argument in given if isinstance(argument, torch.Tensor)])


class EndHook(GraphHook):
    """Sees the output of the whole model; in graphs it is called when an evaluation pass is over."""

    @outside_graphs
    def __call__(self, module: Any, arguments: Any, output: Any) -> None:
        if not torch.compiler.is_compiling():
            if tensors_are_plain():
                self._act(output, torch.is_grad_enabled())
        elif self._gate.open and not self._phases.trains(torch.is_grad_enabled()):
            look(self._mark, [])
