"""A rectified map, applied again and again, that multiplies what goes in; nothing holds the gradient."""

import torch
from torch import Tensor, nn

from ..fault import Fault
from ..training import Training

TIMES = 16


class Tied(nn.Module):
    """The same layer again and again."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layer = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(TIMES):
            x = torch.relu(self.layer(x))
        return x


def start(training: Training, gain: float) -> None:
    """Recurrent maps of `gain` times the identity, without bias (Le, Jaitly and Hinton 2015 take 1)."""
    if training.network == "rnn":
        training.rebuild(cell="rnn")
        recurrent = training.model.recurrent
        recurrent.nonlinearity, recurrent.mode = "relu", "RNN_RELU"
        maps = [(recurrent.weight_hh_l0, recurrent.bias_hh_l0)]
    else:
        training.rebuild(depth=2, block=lambda inputs, outputs: [nn.Linear(inputs, outputs), Tied(outputs)])
        maps = [(part.layer.weight, part.layer.bias) for part in training.model if isinstance(part, Tied)]
    with torch.no_grad():
        for weight, bias in maps:
            weight.copy_(torch.eye(len(weight)) * gain)
            bias.zero_()


def plant(training: Training) -> None:
    """Above the identity, with SGD."""
    start(training, 1.35)
    training.use(torch.optim.SGD, lr=0.01)


def fix(training: Training) -> None:
    """The identity, and the gradient is clipped."""
    start(training, 1.0)
    training.use(torch.optim.Adam, lr=1e-3)
    training.before_update.append(lambda made: nn.utils.clip_grad_norm_(made.model.parameters(), 1.0))


FAULT = Fault(
    causes=("exploding_gradient", "exploding_activation"),
    trainings=("rnn sums", "rnn waves", "mlp ink"),
    plant=plant,
    fix=fix,
)
