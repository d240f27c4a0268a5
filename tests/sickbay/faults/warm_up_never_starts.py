"""A warm-up by whole division keeps the learning rate at zero."""

from torch.optim.lr_scheduler import LambdaLR

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """`step // 1000` in place of `step / 1000`."""
    training.schedule = lambda optimizer: LambdaLR(optimizer, lambda step: min(1, step // 1000))


FAULT = Fault(
    causes=("frozen_parameters", "learning_rate_too_low"),
    trainings=("rnn digits", "transformer digits"),
    plant=plant,
    by_definition=True,
    remedy=r"learning rate|schedul",
)
