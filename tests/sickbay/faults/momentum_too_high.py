"""A momentum of 0.999 with the learning rate of one of 0.9: the weights swing."""

import torch

from ..fault import Fault
from ..training import Training


def prepare(training: Training) -> None:
    """SGD with the usual momentum."""
    training.use(torch.optim.SGD, lr=0.05 if training.network == "mlp" else 0.02, momentum=0.9)
    if training.network == "cnn":
        training.rebuild(norm=False)


def plant(training: Training) -> None:
    """A digit too many."""
    training.options.update(momentum=0.999)


FAULT = Fault(
    causes=("learning_rate_too_high", "oscillating"),
    trainings=("mlp digits", "cnn digits"),
    plant=plant,
    prepare=prepare,
)
