"""The loss is logged every tenth step only."""

from collections.abc import Mapping
from typing import Any

from trainvitals.run import Run

from ..fault import Healthy
from ..training import Training

EACH_STEPS = 10


def learn(training: Training, run: Run, watch: Mapping[str, Any]) -> None:
    """As many examples do."""
    training.optimizer = training.optimizer_class(training.model.parameters(), **training.options)
    run.watch(training.model, training.optimizer, training.criterion, **watch)
    batches = training.batches(training)
    for step in range(training.steps):
        loss = training.update(batches)
        if step % EACH_STEPS == 0:
            run.log({"train/loss": loss})


def prepare(training: Training) -> None:
    """The usual loop otherwise."""
    training.loop = learn


HEALTHY = Healthy(trainings=("mlp digits", "cnn digits"), prepare=prepare)
