"""A layer divides by a feature that passes through zero: now and then the output is huge."""

import torch
from torch import Tensor, nn

from ..fault import Fault
from ..training import Training


class Ratio(nn.Module):
    """Each feature beside the mean of the sample's; quantised as by a fixed-point device."""

    def __init__(self, epsilon: float) -> None:
        super().__init__()
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        middle = x.mean(-1, keepdim=True)
        coarse = middle + ((middle * 200).round() / 200 - middle).detach()
        return x / (coarse + self.epsilon * torch.where(coarse < 0, -1.0, 1.0))


def plant(training: Training) -> None:
    """By zero as well."""
    training.change_head(lambda head: nn.Sequential(Ratio(0.0), head))


def fix(training: Training) -> None:
    """Never by less than one."""
    training.change_head(lambda head: nn.Sequential(Ratio(1.0), head))


FAULT = Fault(
    causes=("unstable_layer",),
    trainings=("rnn digits", "transformer digits"),
    plant=plant,
    fix=fix,
    by_definition=True,
    onset=0,
    remedy=r"epsilon|clamp|divi",
)
