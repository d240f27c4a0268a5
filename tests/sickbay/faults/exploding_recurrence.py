"""A recurrent map that multiplies small changes, without clipping of the gradient."""

import torch
from torch import Tensor, nn

from ..fault import Fault
from ..training import Training

TIMES = 16
GAIN = 1.35


class Tied(nn.Module):
    """The same layer again and again."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(TIMES):
            x = torch.relu(self.layer(x))
        return x


def prepare(training: Training) -> None:
    """Rectified, with recurrent weights somewhat above the identity, and SGD."""
    if training.network == "rnn":
        training.rebuild(cell="rnn")
        recurrent = training.model.recurrent
        recurrent.nonlinearity, recurrent.mode = "relu", "RNN_RELU"
        weight = recurrent.weight_hh_l0
    else:
        training.rebuild(depth=3, block=lambda a, b: [Tied(nn.Linear(a, b)) if a == b else nn.Linear(a, b)])
        weight = next(part for part in training.model if isinstance(part, Tied)).layer.weight
    with torch.no_grad():
        weight.copy_(torch.eye(len(weight)) * GAIN)
    training.use(torch.optim.SGD, lr=0.01)


def plant(training: Training) -> None:
    """Nothing holds the gradient."""


def fix(training: Training) -> None:
    """The gradient is clipped and the map does not multiply."""
    weight = training.model.recurrent.weight_hh_l0 if training.network == "rnn" else None
    weight = next(part for part in training.model if isinstance(part, Tied)).layer.weight if weight is None else weight
    with torch.no_grad():
        weight.mul_(0.9 / GAIN)
    training.options["lr"] = 0.05
    training.before_update.append(lambda made: nn.utils.clip_grad_norm_(made.model.parameters(), 1.0))


FAULT = Fault(
    causes=("exploding_gradient",),
    trainings=("rnn sums", "rnn digits", "mlp digits"),
    plant=plant,
    prepare=prepare,
    fix=fix,
)
