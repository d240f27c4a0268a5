"""Fine-tuning: the trunk is frozen, only the output layer learns."""

from ..fault import Healthy
from ..training import Training


def prepare(training: Training) -> None:
    """All but the output layer is frozen by `requires_grad`."""
    training.learn(150)
    training.model.requires_grad_(False)
    training.weights()[-1].requires_grad_(True).reset_parameters()  # type: ignore[operator]
    training.parameters = lambda model: [found for found in model.parameters() if found.requires_grad]


HEALTHY = Healthy(trainings=("mlp digits", "cnn digits"), prepare=prepare)
