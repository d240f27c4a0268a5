"""The loss is a function: no criterion can be watched."""

from collections.abc import Mapping
from typing import Any

from trainvitals.run import Run

from ..fault import Healthy
from ..training import Training


def learn(training: Training, run: Run, watch: Mapping[str, Any]) -> None:
    """`watch(model, optimizer)`."""
    training.optimizer = training.optimizer_class(training.model.parameters(), **training.options)
    run.watch(training.model, training.optimizer, **watch)
    batches = training.batches(training)
    for _ in range(training.steps):
        run.log({"loss": training.update(batches)})


def prepare(training: Training) -> None:
    """The usual loop otherwise."""
    training.loop = learn


HEALTHY = Healthy(trainings=("mlp digits", "cnn ink", "transformer text"), prepare=prepare, seen=True)
