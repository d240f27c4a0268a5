"""The output layer is fed a learned vector that does not depend on the sample."""

import torch
from torch import Tensor, nn

from ..fault import Fault
from ..training import Training


class Query(nn.Module):
    """A learned vector; `used` adds the features to it."""

    def __init__(self, width: int, used: bool) -> None:
        super().__init__()
        self.vector = nn.Parameter(torch.randn(width) * 0.1)
        self.used = used

    def forward(self, x: Tensor) -> Tensor:
        return self.vector + (x if self.used else torch.zeros_like(x) * x)


def plant(training: Training) -> None:
    """Without the features."""
    training.change_head(lambda head: nn.Sequential(Query(head.in_features, used=False), head))


def fix(training: Training) -> None:
    """With the features."""
    training.change_head(lambda head: nn.Sequential(Query(head.in_features, used=True), head))


FAULT = Fault(
    causes=("input_ignored", "no_gradient"),
    trainings=("mlp digits", "cnn digits", "transformer digits"),
    plant=plant,
    fix=fix,
    by_definition=True,
    seen=True,
)
