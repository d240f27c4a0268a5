"""The output is squeezed to [n] while the targets stay [n, 1]."""

from torch import Tensor, nn

from ..fault import Fault
from ..training import Training


class Squeezed(nn.Module):
    """Drops the last dimension."""

    def forward(self, x: Tensor) -> Tensor:
        return x.squeeze(-1)


def plant(training: Training) -> None:
    """At the end of the network."""
    training.finish_with(Squeezed())
    training.judged_by = lambda made: made.task.score(made.predicted()[:, None], made.held_out[1])


FAULT = Fault(
    causes=("shape_broadcast",),
    trainings=("mlp diabetes", "rnn sums", "transformer sums"),
    plant=plant,
    by_definition=True,
    remedy=r"squeeze",
)
