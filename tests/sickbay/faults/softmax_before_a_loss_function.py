"""The network ends in a softmax, and `F.cross_entropy` applies another; no criterion is watched."""

from torch import nn

from ..fault import Fault
from ..healthy.function_as_criterion import learn
from ..training import Training


def prepare(training: Training) -> None:
    """`watch(model, optimizer)`."""
    training.loop = learn


def plant(training: Training) -> None:
    """As one more layer."""
    training.finish_with(nn.Softmax(-1))


FAULT = Fault(
    causes=("loss_output_mismatch",),
    trainings=("mlp digits", "cnn digits", "transformer digits"),
    plant=plant,
    prepare=prepare,
    remedy=r"[Rr]emove the softmax|raw scores",
    seen=True,
)
