"""One sample a batch with the learning rate of sixty-four: the gradient is mostly noise."""

import torch

from ..fault import Fault
from ..training import Training


def prepare(training: Training) -> None:
    """SGD with momentum, no norms over the batch."""
    training.use(torch.optim.SGD, lr=0.03, momentum=0.9)
    if training.network == "cnn":
        training.rebuild(norm=False)


def plant(training: Training) -> None:
    """What fitted into memory; more than an epoch."""
    training.batch_size = 1
    training.steps = 2000


FAULT = Fault(
    causes=("noisy_gradient",),
    trainings=("mlp digits", "cnn digits", "transformer digits"),
    plant=plant,
    prepare=prepare,
    remedy=r"batch",
    seen=True,
)
