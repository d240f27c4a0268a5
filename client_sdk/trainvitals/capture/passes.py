"""The backward passes of a step: how many there are, and the gradients' norms before the first and behind the last."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from trainvitals.capture.arrival import depart
from trainvitals.capture.flat import local, sampleable
from trainvitals.capture.gradients import norms
from trainvitals.capture.layers import WatchedParameter
from trainvitals.collector import Number

OUTPUTS_MAX = 8
"""Tensors of a model's output that may lead to the loss."""
STARTS_MAX = 16
"""Passes of a step that may be the first behind `zero_grad`: others go before it where a loss of another model, or the
second network of a pair, runs through this one."""


@dataclass(frozen=True)
class Passes:
    """What a step's backward passes left; norms of all gradients together, as autograd saw them (scaled).

    `carried_norm` is of the optimizer's parameters alone, where one is watched.
    """

    count: int
    carried_norm: float
    norm: float
    scale: float


class BackwardPasses:
    """Listens on the outputs of forward passes, and asks the engine to call when a backward pass is over.

    `queue_callback` is private to torch: where it is missing nothing is told.
    """

    def __init__(self, guarded: Callable[..., None]) -> None:
        self.parameters: Sequence[WatchedParameter] = ()
        self._guarded = guarded
        self._engine: Any = getattr(getattr(torch.autograd, "Variable", None), "_execution_engine", None)
        self.on = False
        self._begin()

    def expect(self, on: bool) -> None:
        """Whether the coming step is listened to."""
        self.on = on and hasattr(self._engine, "queue_callback")
        self._begin()

    def listen(self, output: Any) -> None:
        """The loss will be made of this: a tensor, or a module's output with tensors in it."""
        if self.on:
            for tensor in _differentiable(output, []):
                tensor.register_hook(self._on_gradient)

    def seen(self, scale: Number) -> Callable[[], Passes] | None:
        """What was heard in this step, for the worker to read; None where nothing was."""
        if not self._count or self._norms is None:
            return None
        count, starts = self._count, self._starts
        counts = [counted for counted, norms_then in starts if norms_then is not None]
        gone = [counted for counted, norms_then in starts if norms_then is None]
        arrive = depart([self._norms, *(norms_then for _, norms_then in starts if norms_then is not None)])

        def read() -> Passes:
            after, *before = (float(norm.double().norm()) for norm in arrive())
            found = [*zip(before, counts, strict=True), *((0.0, counted) for counted in gone)]
            # Gradients that are not finite have no norm to compare.
            carried = min((norm for norm, _ in found if not math.isnan(norm)), default=math.nan)
            begun = max((counted for norm, counted in found if norm == carried), default=0)
            return Passes(count - begun, carried, after, float(scale))

        return read

    def _begin(self) -> None:
        self._count = 0
        self._running = False
        self._starts: list[tuple[int, Any]] = []
        self._ended: list[tuple[int, int]] = []
        self._norms: Any = None
        self._state: list[tuple[int, int]] = []

    def _on_gradient(self, gradient: Any) -> None:
        if self.on and not self._running:
            self._guarded(self._pass_begins)

    def _pass_begins(self) -> None:
        self._state = _versions(self._gradients())
        # No `optimizer.zero_grad` reaches the gradients of others.
        stepped = self._gradients(optimized=True)
        if not stepped:
            self._count, self._starts = 0, [(0, None)]
        elif len(self._starts) < STARTS_MAX and (not self._count or self._state != self._ended):
            # Zeroed in place, as it may be: a step's gradients begin where they are least.
            self._starts.append((self._count, norms(stepped)))
        self._engine.queue_callback(self._on_engine_done)
        self._running = True

    def _on_engine_done(self) -> None:
        """Behind this callback stand those that finish the gradients of data parallelism: wait for them."""
        self._guarded(self._engine.queue_callback, self._on_pass_ends)

    def _on_pass_ends(self) -> None:
        if self._running:
            self._running = False
            self._guarded(self._pass_ends)

    def _pass_ends(self) -> None:
        gradients = self._gradients()
        self._ended = _versions(gradients)
        if gradients and self._ended != self._state:
            self._count += 1
            self._norms = norms(gradients)

    def _gradients(self, *, optimized: bool = False) -> list[Any]:
        """Of all parameters, or of those that the optimizer steps (all, where none is known)."""
        found = [local(one.tensor.grad) for one in self.parameters if one.in_optimizer or not optimized]
        return [gradient for gradient in found if gradient is not None and sampleable(gradient)]


def _versions(gradients: list[Any]) -> list[tuple[int, int]]:
    """Changes where a pass has added to a gradient; `autograd.grad` adds to none."""
    return [(id(gradient), gradient._version) for gradient in gradients]


def _differentiable(output: Any, found: list[Any]) -> list[Any]:
    if isinstance(output, torch.Tensor):
        if output.requires_grad and output.grad_fn is not None and len(found) < OUTPUTS_MAX:
            found.append(output)
    elif isinstance(output, dict):
        for value in output.values():
            _differentiable(value, found)
    elif isinstance(output, tuple | list):
        for value in output[:OUTPUTS_MAX]:
            _differentiable(value, found)
    return found
