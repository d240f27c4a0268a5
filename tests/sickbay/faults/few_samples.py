"""A large network and forty samples: it learns them by heart."""

from ..fault import Fault
from ..training import Training


def prepare(training: Training) -> None:
    """With a validation loss, and a wide network."""
    training.validates = True
    training.steps = 400
    training.rebuild(width=256 if training.network == "mlp" else 64)


def plant(training: Training) -> None:
    """What was meant for a quick test."""
    inputs, targets = training.samples
    training.samples = inputs[:40], targets[:40]
    training.batch_size = 20


FAULT = Fault(
    causes=("overfitting",),
    trainings=("mlp digits", "rnn waves", "transformer text"),
    plant=plant,
    prepare=prepare,
    remedy=r"[Ss]top|data",
    seen=True,
)
