"""Features are rounded before the output layer: no gradient comes back through `torch.round`."""

import torch
from torch import Tensor, nn

from ..fault import Fault
from ..training import Training


class Rounded(nn.Module):
    """Whole numbers; `straight` lets the gradient pass as if nothing had happened."""

    def __init__(self, straight: bool) -> None:
        super().__init__()
        self.straight = straight

    def forward(self, x: Tensor) -> Tensor:
        whole = torch.round(x * 4) / 4
        return x + (whole - x).detach() if self.straight else whole


def plant(training: Training) -> None:
    """To save memory later."""
    training.change_head(lambda head: nn.Sequential(Rounded(straight=False), head))


def fix(training: Training) -> None:
    """With a straight-through gradient."""
    training.change_head(lambda head: nn.Sequential(Rounded(straight=True), head))


FAULT = Fault(
    causes=("no_gradient",),
    trainings=("mlp digits", "rnn waves", "transformer text"),
    plant=plant,
    fix=fix,
    by_definition=True,
    remedy=r"straight|detach|round|argmax|differentiable",
)
