"""Every weight starts at the same value, so that all units of a layer stay alike."""

from torch import nn

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """All of them, with biases of zero; the norms keep their gain."""
    for layer in training.model.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.LSTM):
            for weight in layer.parameters():
                nn.init.constant_(weight, 0.02 if weight.dim() > 1 else 0.0)


FAULT = Fault(
    causes=("bad_initialisation",),
    trainings=("mlp digits", "cnn digits", "rnn waves"),
    plant=plant,
    by_definition=True,
    remedy=r"default|He |Xavier|random",
)
