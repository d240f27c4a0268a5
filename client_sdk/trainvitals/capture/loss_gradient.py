"""What the loss sends back to the model's output, where no criterion of torch is watched that could be asked."""

from collections.abc import Callable
from typing import Any

import torch

from trainvitals.capture.looks import Look
from trainvitals.capture.rows import copyable, rows_of

IMAGE_DIMENSIONS = 4
"""Outputs of so many axes have their classes along the second, all others along the last."""
OUTPUTS_MAX = 4
MEASURES = (torch.nn.CosineSimilarity, torch.nn.PairwiseDistance)
"""Modules of torch that a loss is made of, and that are none."""


def tells_itself(criterion: Any) -> bool:
    """Whether a criterion's type says what is minimised."""
    return type(criterion).__module__.startswith("torch.nn") and not isinstance(criterion, MEASURES)


def listen(look: Look, output: Any, guarded: Callable[..., None]) -> None:
    """Copy the first output of the step that a loss may be made of, and its gradient when it comes."""
    tensor = _answer(output)
    if tensor is None or "answer" in look.parts:
        return
    axis = 1 if tensor.dim() == IMAGE_DIMENSIONS else tensor.dim() - 1
    look.parts["answer"] = rows_of(tensor, axis)

    def on_gradient(gradient: Any) -> None:
        # A gradient that is itself a part of the loss (of an equation, a penalty) says nothing of the loss.
        if "answer_gradient" not in look.parts and not torch.is_grad_enabled():
            guarded(take, gradient)

    def take(gradient: Any) -> None:
        if copyable(gradient):
            look.parts["answer_gradient"] = rows_of(gradient, axis)

    tensor.register_hook(on_gradient)


def _answer(output: Any) -> Any | None:
    """The first tensor of a vector for each sample, or of a number, that gradients come back to."""
    if isinstance(output, dict):
        output = list(output.values())
    parts = output[:OUTPUTS_MAX] if isinstance(output, tuple | list) else (output,)
    return next((part for part in parts if copyable(part) and part.dim() and part.grad_fn is not None), None)
