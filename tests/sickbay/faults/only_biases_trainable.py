"""A line left over from fine-tuning freezes every weight of a network that was never trained."""

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """Only biases are left."""
    for weight in training.model.parameters():
        weight.requires_grad_(weight.dim() == 1)


FAULT = Fault(
    causes=("frozen_parameters",),
    trainings=("mlp digits", "rnn waves", "transformer text"),
    plant=plant,
    by_definition=True,
    remedy=r"requires_grad|freeze",
)
