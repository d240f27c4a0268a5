"""The logarithm of zero in the preparation of the data: inputs of minus infinity."""

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """In a thousandth of the values of each batch from the first on."""
    training.each_batch(
        lambda number, batch: (batch[0].masked_fill(batch[0] > batch[0].quantile(0.999), -float("inf")), batch[1])
    )


FAULT = Fault(
    causes=("non_finite_input",),
    trainings=("mlp wine", "cnn digits", "rnn waves"),
    plant=plant,
    by_definition=True,
    remedy=r"input|data|batch",
)
