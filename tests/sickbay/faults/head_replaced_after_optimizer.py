"""The output layer is replaced after the optimizer was made: the new one never learns."""

from torch import nn

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """The optimizer holds the old one."""
    old = list(training.model.parameters())
    training.change_head(lambda head: nn.Linear(head.in_features, head.out_features))
    training.parameters = lambda model: old


FAULT = Fault(
    causes=("not_in_optimizer",),
    trainings=("mlp digits", "cnn digits", "rnn text"),
    plant=plant,
    by_definition=True,
    remedy=r"optimizer",
)
