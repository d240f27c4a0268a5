"""The validation loss comes from eight samples, others each time."""

import torch

from ..fault import Healthy
from ..training import Training


def prepare(training: Training) -> None:
    """It leaps about without meaning anything."""
    training.validates = True
    training.options["lr"] /= 3
    training.steps = 200
    inputs, targets = training.held_out
    generator = torch.Generator().manual_seed(training.seed)

    def fewer(made: Training) -> None:
        chosen = torch.randint(len(targets), (8,), generator=generator)
        made.held_out = inputs[chosen], targets[chosen]
        made.model.eval()

    training.before_validation = fewer
    training.judged_by = lambda made: _all(made, inputs, targets)


def _all(made, inputs, targets) -> float:  # type: ignore[no-untyped-def]
    made.held_out = inputs, targets
    return made.task_score()


HEALTHY = Healthy(trainings=("mlp digits", "rnn waves"), prepare=prepare)
