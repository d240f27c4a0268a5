"""A warm-up of 100 steps, then a cosine down to zero."""

import math

from torch.optim.lr_scheduler import LambdaLR

from ..fault import Healthy
from ..training import Training

WARM_UP_STEPS = 100


def prepare(training: Training) -> None:
    """Updates are tiny at the start and at the end."""
    steps = training.steps = 400

    def shape(step: int) -> float:
        if step < WARM_UP_STEPS:
            return (step + 1) / WARM_UP_STEPS
        return 0.5 + 0.5 * math.cos(math.pi * (step - WARM_UP_STEPS) / (steps - WARM_UP_STEPS))

    training.options["lr"] *= 2
    training.schedule = lambda optimizer: LambdaLR(optimizer, shape)


HEALTHY = Healthy(trainings=("transformer digits", "transformer text"), prepare=prepare)
