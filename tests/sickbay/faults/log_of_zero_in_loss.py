"""Binary cross-entropy written by hand, without epsilon: 0 times log(0) is NaN."""

import torch
from torch import Tensor, nn

from ..fault import Fault
from ..training import Training


class ByHand(nn.Module):
    """Cross-entropy of each class as in a text book; `epsilon` keeps its logarithms finite."""

    def __init__(self, epsilon: float) -> None:
        super().__init__()
        self.epsilon = epsilon

    def forward(self, scores: Tensor, labels: Tensor) -> Tensor:
        wanted = nn.functional.one_hot(labels, scores.shape[1]).float()
        chance = torch.sigmoid(scores * 8).clamp(self.epsilon, 1 - self.epsilon)
        return -(wanted * chance.log() + (1 - wanted) * (1 - chance).log()).mean()


def plant(training: Training) -> None:
    """As the formula says."""
    training.criterion = ByHand(0.0)


def fix(training: Training) -> None:
    """Clamped."""
    training.criterion = ByHand(1e-6)


FAULT = Fault(
    causes=("unstable_loss",),
    trainings=("mlp digits", "cnn digits", "rnn digits"),
    plant=plant,
    fix=fix,
    by_definition=True,
    remedy=r"epsilon|clamp|log_softmax|[Ll]ogits|BCEWithLogits|CrossEntropyLoss",
)
