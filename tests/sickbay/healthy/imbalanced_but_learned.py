"""One positive in fifteen, and the network finds them."""

import torch

from ..fault import Healthy
from ..faults.rare_class import balanced, only
from ..training import Training


def prepare(training: Training) -> None:
    """Rare in what is trained on; nothing is validated, since the held-out samples are balanced."""
    training.validates = False
    training.samples = only(training, training.samples, 15)
    training.judged_by = balanced
    training.use(torch.optim.Adam, lr=3e-3)


HEALTHY = Healthy(trainings=("mlp even", "cnn even"), prepare=prepare)
