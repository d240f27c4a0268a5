"""Dropout is kept on in evaluation, to see how sure the network is."""

from torch import nn

from ..fault import Healthy
from ..training import Training


def prepare(training: Training) -> None:
    """`eval()`, then dropout alone back in training mode."""
    training.validates = True
    training.rebuild(width=128, block=lambda inputs, outputs: [nn.Linear(inputs, outputs), nn.ReLU(), nn.Dropout(0.2)])

    def only_dropout(made: Training) -> None:
        made.model.eval()
        for part in made.model.modules():
            if isinstance(part, nn.Dropout):
                part.train()

    training.before_validation = only_dropout


HEALTHY = Healthy(trainings=("mlp digits", "mlp wine"), prepare=prepare)
