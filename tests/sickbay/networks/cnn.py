"""Convolutions, a pooling, and a linear layer."""

from collections.abc import Callable
from itertools import pairwise

from torch import nn

from ..task import Task
from .mlp import Block


def build(
    task: Task,
    depth: int = 3,
    width: int = 16,
    activation: Callable[[], nn.Module] = nn.ReLU,
    norm: bool = True,
    block: Block | None = None,
) -> nn.Sequential:
    """`depth` convolutions; `block(inputs, outputs)` replaces one with its norm and activation."""

    def plain(inputs: int, outputs: int) -> list[nn.Module]:
        normed = [nn.BatchNorm2d(outputs)] if norm else []
        return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=not norm), *normed, activation()]

    blocks = [(block or plain)(a, b) for a, b in pairwise([1, *[width] * depth])]
    blocks[0].append(nn.MaxPool2d(2))
    body = [part for parts in blocks for part in parts]
    return nn.Sequential(*body, nn.Flatten(), nn.Linear(width * 16, task.outputs))
