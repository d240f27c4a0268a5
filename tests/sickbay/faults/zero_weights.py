"""Every weight starts at zero."""

from torch import nn

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """All of them."""
    for layer in training.weights():
        nn.init.zeros_(layer.weight)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)


FAULT = Fault(
    causes=("bad_initialisation",),
    trainings=("mlp digits", "cnn digits"),
    plant=plant,
    by_definition=True,
    remedy=r"default|He |Xavier|random",
)
