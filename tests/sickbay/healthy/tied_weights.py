"""The output layer shares its weights with the embedding."""

from ..fault import Healthy
from ..training import Training


def prepare(training: Training) -> None:
    """One tensor, two names."""
    training.model.output.weight = training.model.embedding.weight
    training.options["lr"] = 3e-3


HEALTHY = Healthy(trainings=("transformer text", "rnn text"), prepare=prepare)
