"""A task: what goes in, what should come out, and how well a network does it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Literal

import torch
from torch import Tensor, nn

Kind = Literal["classes", "binary", "number"]
HELD_OUT_SHARE = 0.2
CRITERIA: dict[Kind, Callable[[], nn.Module]] = {
    "classes": nn.CrossEntropyLoss,
    "binary": nn.BCEWithLogitsLoss,
    "number": nn.MSELoss,
}


@dataclass(frozen=True)
class Task:
    """Inputs [n, ...] and targets [n, ...]; `outputs` is the width of the last layer.

    Tokens are whole numbers, and `outputs` is then their number as well.
    """

    name: str
    kind: Kind
    inputs: Tensor
    targets: Tensor
    outputs: int
    batch_size: int = 64
    steps: int = 300

    @property
    def tokens(self) -> bool:
        """Whether the inputs are tokens."""
        return not self.inputs.is_floating_point()

    def criterion(self) -> nn.Module:
        """The loss that fits."""
        return CRITERIA[self.kind]()

    def parts(self) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
        """What is trained on, and what is held out; the same for every seed."""
        order = torch.randperm(len(self.inputs), generator=torch.Generator().manual_seed(3))
        held = int(len(order) * HELD_OUT_SHARE)
        train, test = order[held:], order[:held]
        return (self.inputs[train], self.targets[train]), (self.inputs[test], self.targets[test])

    def score(self, outputs: Tensor, targets: Tensor) -> float:
        """Accuracy, or the share of the variance that is explained, floored at 0; 0 for outputs that are not finite."""
        if not bool(outputs.isfinite().all()):
            return 0.0
        if self.kind == "classes":
            return float((outputs.argmax(-1) == targets).float().mean())
        if self.kind == "binary":
            middle = 0.5 if bool(((outputs >= 0) & (outputs <= 1)).all()) else 0.0
            return float(((outputs > middle).float() == targets).float().mean())
        return max(0.0, 1 - float(((outputs - targets) ** 2).mean() / targets.var()))


def standardised(values: Tensor, dim: int | None = None) -> Tensor:
    """Mean 0 and standard deviation 1, over all or along a dimension."""
    if dim is None:
        return (values - values.mean()) / values.std()
    return (values - values.mean(dim, keepdim=True)) / values.std(dim, keepdim=True)


@cache
def task(name: str) -> Task:
    """A task by the name of its file."""
    found: Task = import_module(f"{__package__}.tasks.{name}").task()
    return found
