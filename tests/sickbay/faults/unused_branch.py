"""A branch is computed and thrown away: what was meant to be added is not."""

from torch import Tensor, nn

from ..fault import Fault
from ..training import Training


class Branched(nn.Module):
    """An output layer with a hidden branch beside it."""

    def __init__(self, head: nn.Linear, used: bool) -> None:
        super().__init__()
        self.head = head
        self.branch = nn.Sequential(nn.Linear(head.in_features, 64), nn.ReLU(), nn.Linear(64, head.out_features))
        self.used = used

    def forward(self, x: Tensor) -> Tensor:
        scores, more = self.head(x), self.branch(x)
        return scores + more if self.used else scores


def plant(training: Training) -> None:
    """The sum was forgotten."""
    training.change_head(lambda head: Branched(head, used=False))


def fix(training: Training) -> None:
    """It is added."""
    training.change_head(lambda head: Branched(head, used=True))


FAULT = Fault(
    causes=("no_gradient",),
    trainings=("mlp digits", "cnn digits", "transformer digits"),
    plant=plant,
    fix=fix,
    by_definition=True,
    remedy=r"loss|detach|use",
)
