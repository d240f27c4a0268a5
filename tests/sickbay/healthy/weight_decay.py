"""AdamW with the strong weight decay that large models use."""

import torch

from ..fault import Healthy
from ..training import Training


def prepare(training: Training) -> None:
    """A tenth."""
    training.use(torch.optim.AdamW, lr=2e-3, weight_decay=0.1)


HEALTHY = Healthy(trainings=("mlp digits", "cnn digits", "transformer text"), prepare=prepare)
