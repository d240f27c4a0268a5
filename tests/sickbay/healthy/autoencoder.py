"""An autoencoder with a linear bottleneck: two linear layers in a row on purpose."""

from torch import nn

from ..fault import Healthy
from ..task import Task
from ..training import Training


def prepare(training: Training) -> None:
    """Images in, images out."""
    training.feed(lambda batch: (batch[0].flatten(1), batch[0].flatten(1)))
    inputs, targets = training.samples
    training.task = Task("autoencoder", "number", inputs, targets, inputs.shape[1])
    training.criterion = nn.MSELoss()

    wide = inputs.shape[1]
    training.model = nn.Sequential(
        nn.Linear(wide, 48), nn.ReLU(), nn.Linear(48, 12), nn.Linear(12, 48), nn.ReLU(), nn.Linear(48, wide)
    )


HEALTHY = Healthy(trainings=("mlp digits",), prepare=prepare)
