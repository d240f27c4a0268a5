"""Gradients as the backward pass leaves them, where no optimizer is watched that could show them at its step."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from trainvitals.capture.flat import local
from trainvitals.capture.gradients import norms
from trainvitals.capture.hooks import Hook
from trainvitals.capture.layers import WatchedParameter
from trainvitals.capture.sample import Sample

Guarded = Callable[..., None]


class Backward:
    """Hangs on the parameters during a sample, before every hook of the user: theirs may step and clear gradients."""

    def __init__(
        self, parameters: Sequence[WatchedParameter], guarded: Guarded, tell_missing: Callable[[list[str]], None]
    ) -> None:
        self._parameters = parameters
        self._guarded = guarded
        self._tell_missing = tell_missing
        self._missing: list[str] = []
        self._sample: Sample | None = None
        self._norms: dict[int, Any] = {}
        self._handles: list[Any] = []

    def fill(self, sample: Sample | None) -> None:
        """Begin to fill another sample, or none."""
        self._sample, self._norms = sample, {}
        if sample is not None and not self._handles:
            self._handles = [
                _first(parameter.tensor, Hook(self._of_row(row)))
                for row, parameter in enumerate(self._parameters)
                if parameter.tensor.requires_grad and parameter.tensor.is_leaf
            ]
        elif sample is None and self._handles:
            for handle in self._handles:
                handle.remove()
            self._handles = []

    def finish(self, sample: Sample, read: Callable[[Sample], None]) -> None:
        """The step is done: the norms of what the last backward pass left, and which parameters it left out.

        Gradients that came without a pass are `read` where they lie. A step without any, such as that of a second
        `log`, says nothing about who has none.
        """
        passed = self._norms
        by_hand = [row for row, p in enumerate(self._parameters) if row not in passed and p.tensor.grad is not None]
        if not passed:
            if by_hand:
                read(sample)
            return
        for row in by_hand:
            # Unfrozen since the sample began.
            self._take(row, sample)
        sample.gradient_norms = torch.cat([passed[row] for row in sorted(passed)])
        missing = [p.name for row, p in enumerate(self._parameters) if p.tensor.requires_grad and row not in passed]
        if missing != self._missing:
            self._missing = missing
            self._tell_missing(missing)

    def _of_row(self, row: int) -> Callable[..., None]:
        def on_gradient(parameter: Any) -> None:
            if self._sample is not None:
                self._guarded(self._take, row, self._sample)

        return on_gradient

    def _take(self, row: int, sample: Sample) -> None:
        elements = sample.planes.gradients.put_gradient(row, local(self._parameters[row].tensor.grad))
        if elements is not None:
            self._norms[row] = norms([elements])


def _first(tensor: Any, hook: Hook) -> Any:
    handle = tensor.register_post_accumulate_grad_hook(hook)
    hooks = tensor._post_accumulate_grad_hooks
    # The engine goes by the order of insertion: `move_to_end` does not reach it.
    others = [(key, value) for key, value in hooks.items() if key != handle.id]
    for key, _ in others:
        del hooks[key]
    hooks.update(others)
    return handle
