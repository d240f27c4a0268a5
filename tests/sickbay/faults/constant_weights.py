"""Every weight starts at the same value, so that all units of a layer stay alike."""

from torch import nn

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """A tenth of the usual scale, the same everywhere."""
    for name, weight in training.model.named_parameters():
        if weight.dim() > 1 and "embedding" not in name:
            nn.init.constant_(weight, 0.02)


FAULT = Fault(
    causes=("bad_initialisation",),
    trainings=("mlp digits", "cnn digits", "rnn waves"),
    plant=plant,
    by_definition=True,
    remedy=r"default|He |Xavier|random",
)
