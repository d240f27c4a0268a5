"""A learning rate that goes up and down by a factor of twenty."""

from torch.optim.lr_scheduler import CyclicLR

from ..fault import Healthy
from ..training import Training


def prepare(training: Training) -> None:
    """Twice in the run."""
    top = training.options["lr"]
    training.schedule = lambda optimizer: CyclicLR(
        optimizer, base_lr=top / 20, max_lr=top, step_size_up=75, cycle_momentum=False
    )


HEALTHY = Healthy(trainings=("mlp digits", "cnn digits"), prepare=prepare)
