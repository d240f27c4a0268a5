"""A weight decay of 10 pulls every weight to zero."""

import torch

from ..fault import Fault
from ..training import Training


def prepare(training: Training) -> None:
    """AdamW or SGD with a small decay."""
    if training.network in ("mlp", "transformer"):
        training.use(torch.optim.AdamW, lr=3e-3, weight_decay=0.01)
    else:
        training.use(torch.optim.SGD, lr=0.02, momentum=0.9, weight_decay=1e-4)


def plant(training: Training) -> None:
    """Meant as 1e-5."""
    training.options["weight_decay"] = 30.0 if training.network in ("mlp", "transformer") else 3.0


FAULT = Fault(
    causes=("over_regularised",),
    trainings=("mlp digits", "cnn digits", "transformer digits"),
    plant=plant,
    prepare=prepare,
    remedy=r"decay|regularis",
)
