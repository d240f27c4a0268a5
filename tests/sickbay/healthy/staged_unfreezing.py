"""The head is trained first, the body is unfrozen later."""

from ..fault import Healthy
from ..training import Training

STEP = 120


def prepare(training: Training) -> None:
    """A trained body with a new head."""
    training.learn(150)
    training.weights()[-1].reset_parameters()  # type: ignore[operator]
    training.model.requires_grad_(False)
    training.weights()[-1].requires_grad_(True)

    def unfreeze(made: Training) -> None:
        if made.step == STEP:
            made.model.requires_grad_(True)

    training.after_step.append(unfreeze)
    training.options["lr"] /= 2


HEALTHY = Healthy(trainings=("mlp digits", "cnn digits"), prepare=prepare)
