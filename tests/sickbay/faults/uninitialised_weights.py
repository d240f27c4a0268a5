"""A layer's weights were allocated and never filled: the memory held what is no number."""

import torch

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """In the middle of the network."""
    weights = training.weights()
    with torch.no_grad():
        weights[len(weights) // 2].weight.view(-1)[::7] = float("nan")  # type: ignore[operator, index, union-attr]


FAULT = Fault(
    causes=("bad_initialisation",),
    trainings=("mlp digits", "cnn digits", "transformer digits"),
    plant=plant,
    by_definition=True,
    remedy=r"[Ii]nitialise every parameter",
)
