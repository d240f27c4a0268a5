"""The learning rate leaps up in the middle of the training, by a slip in a schedule."""

from torch.optim.lr_scheduler import LambdaLR

from ..fault import Fault
from ..training import Training

STEP = 150


def prepare(training: Training) -> None:
    """Plain SGD with momentum."""
    training.options["lr"] *= 0.5


def plant(training: Training) -> None:
    """By a factor of 500."""
    training.schedule = lambda optimizer: LambdaLR(optimizer, lambda step: 1.0 if step < STEP else 500.0)


FAULT = Fault(
    causes=("learning_rate_too_high",),
    trainings=("mlp digits", "cnn digits", "transformer digits"),
    plant=plant,
    prepare=prepare,
    onset=STEP,
)
