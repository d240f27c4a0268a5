"""The optimizer was given the parameters of a part of the network only."""

from ..fault import Fault
from ..training import Training


def plant(training: Training) -> None:
    """The first part is left out."""

    def some(model: object) -> list[object]:
        every = list(model.parameters())  # type: ignore[attr-defined]
        return every[len(every) // 2 :]

    training.parameters = some


FAULT = Fault(
    causes=("not_in_optimizer",),
    trainings=("mlp digits", "cnn digits", "transformer text"),
    plant=plant,
    by_definition=True,
    remedy=r"optimizer",
)
