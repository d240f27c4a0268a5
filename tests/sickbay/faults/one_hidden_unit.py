"""The hidden state is one unit wide: ten classes must pass through a single number."""

from torch import nn

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """A width meant for something else."""
    if training.network == "mlp":
        training.rebuild(width=1, activation=nn.Tanh)
    elif training.network == "cnn":
        training.change_head(
            lambda head: nn.Sequential(nn.Linear(head.in_features, 1), nn.Tanh(), nn.Linear(1, head.out_features))
        )
    else:
        training.rebuild(width=1 if training.network == "rnn" else 4)


FAULT = Fault(
    causes=("capacity_too_small",),
    trainings=("mlp digits", "cnn digits", "rnn text"),
    plant=plant,
    remedy=r"[Ww]ide|more units|larger|capacity",
)
