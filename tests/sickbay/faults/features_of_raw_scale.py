"""Features go in in their own units: some of them thousands, some thousandths."""

import torch

from ..fault import Fault
from ..training import Training


def prepare(training: Training) -> None:
    """SGD, which feels it more than Adam does; a recurrent network needs Adam."""
    if training.network != "rnn":
        training.use(torch.optim.SGD, lr=0.02, momentum=0.9)


def plant(training: Training) -> None:
    """Scales from 0.001 to 1000, with means of their own."""
    features = training.samples[0].shape[-1]
    scale = torch.logspace(3, -3, features)
    training.feed(lambda batch: ((batch[0] + 2) * scale, batch[1]))


FAULT = Fault(
    causes=("input_not_normalised",),
    trainings=("mlp wine", "mlp cancer", "rnn waves"),
    plant=plant,
    prepare=prepare,
    by_definition=True,
    remedy=r"[Nn]ormalis|[Ss]tandardis",
)
