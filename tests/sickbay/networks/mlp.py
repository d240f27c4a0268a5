"""Linear layers with an activation between."""

from collections.abc import Callable
from itertools import pairwise

from torch import nn

from ..task import Task

Block = Callable[[int, int], list[nn.Module]]


def build(
    task: Task,
    depth: int = 3,
    width: int = 64,
    activation: Callable[[], nn.Module] = nn.ReLU,
    block: Block | None = None,
) -> nn.Sequential:
    """`depth` linear layers; `block(inputs, outputs)` replaces a hidden one with its activation."""

    def plain(inputs: int, outputs: int) -> list[nn.Module]:
        return [nn.Linear(inputs, outputs), activation()]

    sizes = [task.inputs[0].numel(), *[width] * (depth - 1)]
    hidden = [part for a, b in pairwise(sizes) for part in (block or plain)(a, b)]
    flatten = [nn.Flatten()] if task.inputs.dim() > 2 else []
    return nn.Sequential(*flatten, *hidden, nn.Linear(sizes[-1], task.outputs))
