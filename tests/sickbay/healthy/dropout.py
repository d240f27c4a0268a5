"""Half of the units are dropped in training: the training loss lies above that of validation."""

from torch import nn

from ..fault import Healthy
from ..training import Training


def prepare(training: Training) -> None:
    """Behind each hidden layer, wide enough for it."""
    training.validates = True
    if training.network == "transformer":
        training.rebuild(dropout=0.3, width=48)
    else:
        training.rebuild(
            width=128, block=lambda inputs, outputs: [nn.Linear(inputs, outputs), nn.ReLU(), nn.Dropout(0.5)]
        )


HEALTHY = Healthy(trainings=("mlp digits", "transformer digits"), prepare=prepare)
