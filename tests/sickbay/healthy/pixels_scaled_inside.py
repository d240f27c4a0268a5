"""Pixels from 0 to 255 that the network itself brings to mean 0 and standard deviation 1."""

from torch import Tensor, nn

from ..fault import Healthy
from ..training import Training


class Scaled(nn.Module):
    """The first thing in forward()."""

    def __init__(self, model: nn.Module, mean: float, std: float) -> None:
        super().__init__()
        self.model, self.mean, self.std = model, mean, std

    def forward(self, x: Tensor) -> Tensor:
        return self.model((x - self.mean) / self.std)


def prepare(training: Training) -> None:
    """The images in bytes."""
    low, high = float(training.samples[0].min()), float(training.samples[0].max())
    training.feed(lambda batch: (((batch[0] - low) / (high - low) * 255).clamp(0, 255).round(), batch[1]))
    images = training.samples[0]
    training.model = Scaled(training.model, float(images.mean()), float(images.std()))


HEALTHY = Healthy(trainings=("mlp digits", "cnn digits", "rnn digits"), prepare=prepare)
