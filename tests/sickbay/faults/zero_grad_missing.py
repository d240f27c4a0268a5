"""`optimizer.zero_grad()` was forgotten."""

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """Gradients add up over all steps."""
    training.zero_grad = False


FAULT = Fault(
    causes=("missing_zero_grad",),
    trainings=("mlp digits", "cnn digits", "rnn digits", "transformer text"),
    plant=plant,
    by_definition=True,
    remedy=r"zero_grad",
)
