"""Four samples a batch: most batches lack most labels."""

from ..fault import Healthy
from ..training import Training


def prepare(training: Training) -> None:
    """At a lower rate."""
    training.batch_size = 4
    training.steps = 800
    training.options["lr"] *= 0.2


HEALTHY = Healthy(trainings=("cnn digits", "rnn waves"), prepare=prepare, seen=True)
