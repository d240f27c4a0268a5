"""LoRA: a frozen, trained network with small matrices beside its layers, one of which starts at zero."""

import torch
from torch import Tensor, nn

from ..fault import Healthy
from ..training import Training


class Adapted(nn.Module):
    """A frozen layer and its low-rank change."""

    def __init__(self, layer: nn.Linear, rank: int = 4) -> None:
        super().__init__()
        self.layer = layer
        self.down = nn.Parameter(torch.randn(rank, layer.in_features) / layer.in_features**0.5)
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank))

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x) + x @ self.down.T @ self.up.T


def prepare(training: Training) -> None:
    """Trained on rotated labels first, adapted to the right ones."""
    inputs, labels = training.samples
    training.samples = inputs, labels.roll(0)
    training.learn(100)
    training.model.requires_grad_(False)
    for place, layer in enumerate(training.model):
        if isinstance(layer, nn.Linear):
            training.model[place] = Adapted(layer)
    training.feed(lambda batch: (batch[0], (batch[1] + 1) % training.task.outputs))
    training.parameters = lambda model: [found for found in model.parameters() if found.requires_grad]
    training.options["lr"] = 5e-3


HEALTHY = Healthy(trainings=("mlp digits", "mlp wine"), prepare=prepare, seen=True)
