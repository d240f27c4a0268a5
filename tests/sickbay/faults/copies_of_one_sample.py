"""A wrong index: each batch holds one sample as many times as it is long, beside the labels of all the others."""

from ..fault import Fault
from ..training import Batch, Training


def plant(training: Training) -> None:
    """`x[0]` in place of `x[i]`."""

    def first(number: int, batch: Batch) -> Batch:
        return batch[0][:1].expand_as(batch[0]).clone(), batch[1]

    training.each_batch(first)


FAULT = Fault(
    causes=("constant_input",),
    trainings=("mlp digits", "cnn digits", "rnn sums"),
    plant=plant,
    by_definition=True,
    remedy=r"input|data|sample",
)
