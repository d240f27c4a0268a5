"""Some input values are missing, and the network fills them in: NaN in the input, and nowhere else."""

import torch
from torch import Tensor, nn

from ..fault import Healthy
from ..training import Batch, Training

MISSING = 0.02


class FillIn(nn.Module):
    """Zero for what is missing."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.nan_to_num(x)


def prepare(training: Training) -> None:
    """One value in fifty."""
    generator = torch.Generator().manual_seed(training.seed)

    def punched(batch: Batch) -> Batch:
        inputs, targets = batch
        return inputs.masked_fill(torch.rand(inputs.shape, generator=generator) < MISSING, float("nan")), targets

    training.feed(punched)
    training.model = nn.Sequential(FillIn(), training.model)


HEALTHY = Healthy(trainings=("mlp cancer", "cnn digits"), prepare=prepare)
