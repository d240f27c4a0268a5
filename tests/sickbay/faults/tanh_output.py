"""A regression ends in a tanh, while targets reach to 5."""

from torch import nn

from ..fault import Fault
from ..training import Training


def prepare(training: Training) -> None:
    """Targets of standard deviation 2."""
    training.feed(lambda batch: (batch[0], batch[1] * 2))


def plant(training: Training) -> None:
    """Bounded outputs."""
    training.finish_with(nn.Tanh())


FAULT = Fault(
    causes=("loss_output_mismatch",),
    trainings=("mlp diabetes", "cnn ink", "transformer sums"),
    plant=plant,
    prepare=prepare,
    by_definition=True,
    remedy=r"linear layer|[Rr]emove|scale the targets",
)
