"""A softmax written by hand without subtracting the greatest score: exp overflows as the scores grow."""

from torch import Tensor, nn

from ..fault import Fault
from ..training import Training


class ByHand(nn.Module):
    """Negative log of exp(score) / sum of exp(scores), sharpened."""

    def __init__(self, stable: bool) -> None:
        super().__init__()
        self.stable = stable

    def forward(self, scores: Tensor, labels: Tensor) -> Tensor:
        sharp = scores * 10
        if self.stable:
            sharp = sharp - sharp.amax(1, keepdim=True)
        powers = sharp.exp()
        share = powers.gather(1, labels[:, None]) / powers.sum(1, keepdim=True)
        return -(share + 1e-9).log().mean()


def plant(training: Training) -> None:
    """As the formula says."""
    training.criterion = ByHand(stable=False)


def fix(training: Training) -> None:
    """The greatest score is subtracted first."""
    training.criterion = ByHand(stable=True)


FAULT = Fault(
    causes=("unstable_loss",),
    trainings=("mlp digits", "cnn digits", "transformer text"),
    plant=plant,
    fix=fix,
    by_definition=True,
    remedy=r"log_softmax|logsumexp|subtract|CrossEntropyLoss|clamp",
)
