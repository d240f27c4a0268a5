"""A cosine schedule with restarts: the rate leaps up twice."""

from torch.optim.lr_scheduler import CosineAnnealingWarmRestarts

from ..fault import Healthy
from ..training import Training


def prepare(training: Training) -> None:
    """Every 100 steps."""
    training.schedule = lambda optimizer: CosineAnnealingWarmRestarts(optimizer, 100)


HEALTHY = Healthy(trainings=("cnn digits", "rnn waves"), prepare=prepare)
