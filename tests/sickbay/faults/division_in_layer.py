"""A layer divides by the number of features that stand out, which may be none."""

from torch import Tensor, nn

from ..fault import Fault
from ..training import Training


class PerOutstanding(nn.Module):
    """Features beside how many of them are above a level."""

    def __init__(self, at_least: float) -> None:
        super().__init__()
        self.at_least = at_least

    def forward(self, x: Tensor) -> Tensor:
        outstanding = (x > 1.0).sum(-1, keepdim=True).clamp(min=self.at_least)
        return 2 * x / outstanding**0.5


def plant(training: Training) -> None:
    """By zero as well."""
    training.change_head(lambda head: nn.Sequential(PerOutstanding(0), head))


def fix(training: Training) -> None:
    """By one at least."""
    training.change_head(lambda head: nn.Sequential(PerOutstanding(1), head))


FAULT = Fault(
    causes=("unstable_layer",),
    trainings=("mlp digits", "rnn digits"),
    plant=plant,
    fix=fix,
    by_definition=True,
    remedy=r"epsilon|clamp|divi",
)
