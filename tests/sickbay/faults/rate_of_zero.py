"""The learning rate is zero, by integer division or a missing setting."""

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """From the first step on."""
    training.options["lr"] = 0.0


FAULT = Fault(
    causes=("frozen_parameters", "learning_rate_too_low"),
    trainings=("mlp cancer", "cnn even", "transformer text"),
    plant=plant,
    by_definition=True,
    remedy=r"learning rate",
)
