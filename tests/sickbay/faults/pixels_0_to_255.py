"""Images go in as they are read from files, from 0 to 255."""

from ..fault import Fault
from ..training import Training


def prepare(training: Training) -> None:
    """Without the norm that would undo it."""
    if training.network == "cnn":
        training.rebuild(norm=False)
        training.options["lr"] = 0.02


def plant(training: Training) -> None:
    """Whole numbers, none negative."""

    def pixels(images):  # type: ignore[no-untyped-def]
        low, high = -0.82, 1.85
        return ((images - low) / (high - low)).clamp(0, 1).mul(255).round()

    training.feed(lambda batch: (pixels(batch[0]), batch[1]))


FAULT = Fault(
    causes=("input_not_normalised",),
    trainings=("mlp digits", "cnn digits", "rnn digits"),
    plant=plant,
    prepare=prepare,
    by_definition=True,
    remedy=r"[Nn]ormalis|[Ss]tandardis|255",
    seen=True,
)
