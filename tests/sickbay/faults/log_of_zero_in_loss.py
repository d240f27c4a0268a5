"""Binary cross-entropy written by hand: once a probability rounds to 1, 0 times log(0) is NaN."""

import torch
from torch import Tensor, nn

from ..fault import Fault
from ..training import Training

SHARPNESS = 60.0


class ByHand(nn.Module):
    """Cross-entropy of each class against the rest, as in a text book."""

    def forward(self, scores: Tensor, labels: Tensor) -> Tensor:
        wanted = nn.functional.one_hot(labels, scores.shape[1]).float()
        chance = torch.sigmoid(scores * SHARPNESS)
        return -(wanted * chance.log() + (1 - wanted) * (1 - chance).log()).mean()


class Stable(nn.Module):
    """The same from PyTorch's own function."""

    def forward(self, scores: Tensor, labels: Tensor) -> Tensor:
        wanted = nn.functional.one_hot(labels, scores.shape[1]).float()
        return nn.functional.binary_cross_entropy_with_logits(scores * SHARPNESS, wanted)


def prepare(training: Training) -> None:
    """Adam at a usual rate."""
    training.use(torch.optim.Adam, lr=1e-3)


def plant(training: Training) -> None:
    """As the formula says."""
    training.criterion = ByHand()


def fix(training: Training) -> None:
    """On scores."""
    training.criterion = Stable()


FAULT = Fault(
    causes=("unstable_loss",),
    trainings=("mlp digits", "cnn digits", "transformer digits"),
    plant=plant,
    prepare=prepare,
    fix=fix,
    by_definition=True,
    remedy=r"epsilon|clamp|log_softmax|[Ll]ogits|BCEWithLogits|CrossEntropyLoss",
)
