"""The optimizer and the criterion among the arguments of `watch`, told apart by type."""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import nn
from torch.optim import Optimizer

from trainvitals.guard import Guard

INNER = ("optimizer", "base_optimizer", "_optimizer", "optim")
"""Where wrappers keep the optimizer that moves the weights."""
DEPTH_MAX = 8
OF_ANOTHER = (
    "the optimizer moves none of the parameters of the watched model and is left aside: each log is a step now. Watch "
    "the model that it moves, or make it from model.parameters() after they were last replaced"
)


def told_apart(companions: Sequence[Any], model: Any, guard: Guard) -> tuple[Any, Any]:
    """An optimizer, taken out of its wrappers, and a criterion; what is neither is said and counted."""
    optimizer = criterion = None
    for companion in companions:
        found = None if isinstance(companion, nn.Module) else unwrapped(companion)
        if found is not None and optimizer is not None and found is not optimizer:
            _left_aside(guard, "a second optimizer is left aside: watch each part of the model with its own")
        elif found is not None and not _moves(found, model):
            _left_aside(guard, OF_ANOTHER)
        elif found is not None:
            optimizer = found
        elif companion is model:
            _left_aside(guard, "watch was given the model as its criterion too: pass the loss, such as nn.MSELoss()")
        elif isinstance(companion, nn.Module):
            criterion = companion
        elif companion is not None:
            _left_aside(guard, _why(companion, optimizer))
    return optimizer, criterion


def elsewhere(companions: Sequence[Any], model: nn.Module) -> dict[str, Any] | None:
    """What the fact `optimizer_elsewhere` tells of an optimizer that moves none of the model's parameters.

    `alike` of its `tensors` have the shape of one of them: it was made before these were replaced.
    """
    shapes = {
        tensor.shape for tensor in model.parameters() if not isinstance(tensor, nn.parameter.UninitializedTensorMixin)
    }
    for companion in companions:
        found = None if isinstance(companion, nn.Module) else unwrapped(companion)
        if found is not None and not _moves(found, model):
            held = [tensor for group in found.param_groups for tensor in group["params"]]
            alike = sum(
                not isinstance(tensor, nn.parameter.UninitializedTensorMixin) and tensor.shape in shapes
                for tensor in held
            )
            return {"type": type(found).__name__, "tensors": len(held), "alike": alike}
    return None


def unwrapped(companion: Any) -> Any | None:
    """The innermost optimizer of torch that has hooks; accelerate's is an Optimizer without any."""
    found = None
    for _ in range(DEPTH_MAX):
        if isinstance(companion, Optimizer) and hasattr(companion, "_optimizer_step_pre_hooks"):
            found = companion
        inner = next((inner for name in INNER if _is_step(inner := getattr(companion, name, None))), None)
        if inner is None or inner is companion:
            break
        companion = inner
    return found


def _moves(optimizer: Any, model: nn.Module) -> bool:
    moved = {id(tensor) for group in optimizer.param_groups for tensor in group["params"]}
    return not moved or any(id(tensor) in moved for tensor in model.parameters())


def _is_step(value: Any) -> bool:
    return callable(getattr(value, "step", None)) and not isinstance(value, nn.Module)


def _why(companion: Any, optimizer: Any) -> str:
    kind = type(companion).__name__
    if optimizer is not None and not callable(companion):
        return f"watch takes an nn.Module criterion beside its optimizer: a {kind} is left aside"
    if isinstance(companion, Mapping | list | tuple):
        return (
            f"watch takes one optimizer, not a {kind}: each log is a step now. Watch each part of the model with "
            f"its own optimizer, as in run.watch(model.head, optimizers[0], name='head')"
        )
    if callable(getattr(companion, "step", None)):
        return f"watch cannot hook a {kind}, which is no torch.optim.Optimizer: each log is a step now"
    if callable(companion):
        name = getattr(companion, "__name__", kind)
        return (
            f"the criterion {name} is a function and cannot be watched: nothing is told of outputs and targets, "
            f"the rest is captured. Pass an nn.Module such as nn.CrossEntropyLoss()"
        )
    return f"watch takes an optimizer and an nn.Module criterion: a {kind} is left aside"


def _left_aside(guard: Guard, message: str) -> None:
    guard.drop("watch_argument")
    guard.terminal.warn(message)
