"""`maximize=True` is left over from another objective: the optimizer climbs."""

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """The loss itself is as it should be."""
    training.options.update(maximize=True)


FAULT = Fault(
    causes=("loss_sign",),
    trainings=("mlp digits", "cnn digits", "rnn waves"),
    plant=plant,
    by_definition=True,
    remedy=r"maximi|minus|sign",
    seen=True,
)
