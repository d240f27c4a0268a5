"""A penalty on the weights is subtracted instead of added: they grow without bound."""

from functools import partial

import torch
from torch import Tensor

from ..fault import Fault
from ..training import Training, compared

STRENGTH = 0.02


def penalised(training: Training, outputs: Tensor, targets: Tensor, sign: float) -> Tensor:
    """The loss and the squared norm of all weights."""
    squares = torch.stack([(layer.weight**2).sum() for layer in training.weights()]).sum()  # type: ignore[operator, union-attr]
    return compared(training, outputs, targets) + sign * STRENGTH * squares


def prepare(training: Training) -> None:
    """SGD, with which weights grow in proportion; the norms of a CNN would hide it."""
    if training.network == "cnn":
        training.rebuild(norm=False)
    training.use(torch.optim.SGD, lr=0.1, momentum=0.9)


def plant(training: Training) -> None:
    """Minus."""
    training.loss = partial(penalised, sign=-1.0)


def fix(training: Training) -> None:
    """Plus, and weaker."""
    training.loss = partial(penalised, sign=0.01)


FAULT = Fault(
    causes=("diverging", "loss_sign"),
    trainings=("mlp digits", "cnn digits"),
    plant=plant,
    prepare=prepare,
    fix=fix,
)
