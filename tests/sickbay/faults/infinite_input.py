"""The logarithm of zero in the preparation of the data: inputs of minus infinity."""

import math

from ..fault import Fault
from ..training import Batch, Training


def plant(training: Training) -> None:
    """The greatest values of each batch, from the first on."""

    def logarithm(number: int, batch: Batch) -> Batch:
        inputs, targets = batch
        return inputs.masked_fill(inputs >= inputs.max(), -math.inf), targets

    training.each_batch(logarithm)


FAULT = Fault(
    causes=("non_finite_input",),
    trainings=("mlp wine", "cnn digits", "rnn waves"),
    plant=plant,
    by_definition=True,
    remedy=r"input|data|batch",
)
