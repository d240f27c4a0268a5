"""Binary images, most of whose pixels are always zero."""

from ..fault import Healthy
from ..training import Training


def prepare(training: Training) -> None:
    """Ink or none, not standardised."""
    training.feed(lambda batch: ((batch[0] > 0.3).float(), batch[1]))


HEALTHY = Healthy(trainings=("mlp digits", "cnn digits", "rnn digits"), prepare=prepare)
