"""The graph of what a backward pass starts at: of a loss that is a function it says what nothing else does."""

import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

import torch

from trainvitals.capture.looks import Look
from trainvitals.capture.nodes import roots
from trainvitals.capture.rows import rows_of
from trainvitals.capture.similarity import sign_of_similarity
from trainvitals.capture.squares import is_squared_error
from trainvitals.collector import Collector
from trainvitals_wire.records import Fact

LOOKS_MAX = 8
"""A loss does not change its form."""
FRAMES_MAX = 16
"""Between the hook and the call that runs the backward pass."""
_run_backward: Any = getattr(torch.autograd.graph, "_engine_run_backward", None)


class LossGraph:
    """In the first looks it listens on the model's outputs; holds no node, for a node holds what it was made of."""

    def __init__(self, collector: Collector, guarded: Callable[..., None], owner: str | None) -> None:
        self._collector = collector
        self._guarded = guarded
        self._owner = owner
        self._looks = {1: 0, -1: 0, 0: 0}
        self._begin()

    def listen(self, output: Any, look: Look, *, takes_loss: bool) -> None:
        """A backward pass may go through this output of the model; `takes_loss`: a squared error is copied."""
        reads = sum(self._looks.values()) < LOOKS_MAX
        if _run_backward is None or not (reads or takes_loss):
            return
        nodes = roots(output)
        self._outputs.update(map(_number, nodes))
        hook = self._hook(threading.get_ident(), look if takes_loss else None, reads)
        for node in nodes:
            node.register_prehook(hook)

    def step_ends(self, step: int) -> None:
        """Tell of it where the whole loss was a similarity."""
        signs, looks = self._signs, self._looks
        self._begin()
        if not signs:
            return
        looks[signs.pop() if len(signs) == 1 else 0] += 1
        if looks[1] or looks[-1]:
            details = {"form": "cosine_similarity", "looks": sum(looks.values()), "plus": looks[1], "minus": looks[-1]}
            fact: Fact = {"kind": "loss_graph", "step": step, "details": details}
            if self._owner is not None:
                fact["owner"] = self._owner
            self._collector.fact(fact)

    def _begin(self) -> None:
        self._outputs: set[tuple[str, int]] = set()
        self._signs: set[int] = set()

    def _hook(self, thread: int, look: Look | None, reads: bool) -> Callable[[Any], None]:
        def on_gradient(gradients: Any) -> None:
            self._guarded(self._read, thread, look, reads)

        return on_gradient

    def _read(self, thread: int, look: Look | None, reads: bool) -> None:
        """A pass that is differentiated once more is a part of the loss, not the loss."""
        losses, seeds = _losses(thread)
        starts = roots(losses)
        alone = len(starts) == 1 and not torch.is_grad_enabled()
        if reads:
            self._signs.add(sign_of_similarity(starts[0], self._is_output) if alone else 0)
        if look is not None and alone and "loss" not in look.parts and is_squared_error(starts[0], self._is_output):
            _take(look, losses, seeds)

    def _is_output(self, node: Any) -> bool:
        return _number(node) in self._outputs


def _number(node: Any) -> tuple[str, int]:
    return node.name(), node._sequence_nr()


def _take(look: Look, losses: Sequence[Any], seeds: Sequence[Any]) -> None:
    """One number, times that which it is sent back times: `loss.backward(number)`."""
    if len(losses) == len(seeds) == 1 and losses[0].numel() == 1 and isinstance(seeds[0], torch.Tensor):
        look.parts["loss"] = rows_of(losses[0].detach() * seeds[0])


def _losses(thread: int) -> tuple[Sequence[Any], Sequence[Any]]:
    """What the running backward pass started at, and with, from the frame of the thread that called for it."""
    frame = sys._current_frames().get(thread)
    for _ in range(FRAMES_MAX):
        if frame is None:
            return (), ()
        if frame.f_code is _run_backward.__code__:
            return frame.f_locals["t_outputs"], frame.f_locals["args"][0]
        frame = frame.f_back
    return (), ()
