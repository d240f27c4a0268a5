"""The features are detached before the head."""

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """A `.detach()` left over from plotting, between body and output layer."""
    training.weights()[-1].register_forward_pre_hook(lambda layer, inputs: (inputs[0].detach(),))


FAULT = Fault(
    causes=("no_gradient",),
    trainings=("mlp digits", "cnn even", "rnn digits", "transformer digits"),
    plant=plant,
    by_definition=True,
    remedy=r"detach|no_grad",
)
