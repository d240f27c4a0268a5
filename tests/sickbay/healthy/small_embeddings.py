"""A language model initialised as GPT-2 is: every weight at a std of 0.02."""

from torch import nn

from ..fault import Healthy
from ..training import Training


def prepare(training: Training) -> None:
    """Embeddings, attention and feed-forward parts."""
    training.rebuild(depth=3)
    for weight in training.model.parameters():
        if weight.dim() > 1:
            nn.init.normal_(weight, std=0.02)
    training.options["lr"] = 4e-3
    training.steps = 200


HEALTHY = Healthy(trainings=("transformer text", "transformer digits"), prepare=prepare)
