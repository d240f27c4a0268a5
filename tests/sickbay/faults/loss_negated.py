"""The loss is negated, as if something were to be maximised."""

from ..fault import Fault
from ..training import Training, compared


def plant(training: Training) -> None:
    """A minus too many."""
    training.loss = lambda made, outputs, targets: -compared(made, outputs, targets)


FAULT = Fault(
    causes=("loss_sign",),
    trainings=("mlp digits", "cnn ink", "transformer text"),
    plant=plant,
    by_definition=True,
    remedy=r"sign|minus|negat",
)
