"""A pre-norm transformer of six blocks, whose residual stream grows with depth."""

from ..fault import Healthy
from ..training import Training


def prepare(training: Training) -> None:
    """Deeper than usual."""
    training.rebuild(depth=6)
    training.options["lr"] = 1e-3
    training.steps = 150


HEALTHY = Healthy(trainings=("transformer text", "transformer digits"), prepare=prepare)
