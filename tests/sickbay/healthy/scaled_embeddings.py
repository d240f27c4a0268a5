"""Embeddings are multiplied by the root of the width, as in the first transformer: on purpose."""

import torch
from torch import Tensor, nn

from ..fault import Healthy
from ..training import Training


class Scaled(nn.Module):
    """What goes in, times a constant."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        return x * self.factor


def prepare(training: Training) -> None:
    """Small embeddings, scaled up (Vaswani et al. 2017, section 3.4)."""
    embedding = training.model.embedding
    with torch.no_grad():
        embedding.weight.mul_(0.2)  # type: ignore[union-attr, operator]
    training.model.embedding = nn.Sequential(embedding, Scaled(20.0))  # type: ignore[arg-type]


HEALTHY = Healthy(trainings=("transformer text", "transformer digits"), prepare=prepare)
