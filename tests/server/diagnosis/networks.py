"""The small networks of the trainings, each with the knobs that a fault needs."""

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn

from .training import CLASSES


def mlp(depth: int = 3, width: int = 64, activation: Callable[[], nn.Module] = nn.ReLU) -> nn.Sequential:
    """Linear layers with an activation between: [n, 64] to [n, 10]."""
    torch.manual_seed(0)
    sizes = [64, *[width] * (depth - 1)]
    hidden = [part for a, b in pairwise(sizes) for part in (nn.Linear(a, b), activation())]
    return nn.Sequential(*hidden, nn.Linear(sizes[-1], CLASSES))


def scalar() -> nn.Sequential:
    """One hidden layer and one output: [n, 64] to [n, 1]."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))


def cnn(norm: bool = True) -> nn.Sequential:
    """Three convolutions and a linear layer: [n, 1, 8, 8] to [n, 10]."""
    torch.manual_seed(0)

    def block(inputs: int, outputs: int) -> list[nn.Module]:
        return [
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=not norm),
            *([nn.BatchNorm2d(outputs)] if norm else []),
            nn.ReLU(),
        ]

    body = [*block(1, 16), *block(16, 32), nn.MaxPool2d(2), *block(32, 32)]
    return nn.Sequential(*body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, CLASSES))


class Recurrent(nn.Module):
    """An LSTM over the rows of an image [n, 8, 8]."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.recurrent = nn.LSTM(8, 48, batch_first=True)
        self.output = nn.Linear(48, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        states, _ = self.recurrent(x)
        scores: Tensor = self.output(states[:, -1])
        return scores


class Transformer(nn.Module):
    """Two encoder blocks over the rows of an image [n, 8, 8]."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.rows = nn.Linear(8, 32)
        self.places = nn.Parameter(torch.randn(8, 32) * 0.02)
        block = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(block, 2, enable_nested_tensor=False)
        self.output = nn.Linear(32, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.output(self.blocks(self.rows(x) + self.places).mean(1))
        return scores


class Functional(nn.Module):
    """A network whose activations are functions, so that its leaves look like linear layers in a row."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.ModuleList([nn.Linear(64, 64), nn.Linear(64, 64)])
        self.output = nn.Linear(64, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = nn.functional.relu(layer(x))
        scores: Tensor = self.output(x)
        return scores


class Detached(nn.Module):
    """A network that cuts the gradient between body and head."""

    def __init__(self, detach: bool) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.body = nn.Linear(64, 64)
        self.relu = nn.ReLU()
        self.head = nn.Linear(64, CLASSES)
        self.detach = detach

    def forward(self, x: Tensor) -> Tensor:
        features = self.relu(self.body(x))
        scores: Tensor = self.head(features.detach() if self.detach else features)
        return scores


class CrossEntropyByHand(nn.Module):
    """Binary cross-entropy of each class as in a text book: 0 * log(0) is NaN once a probability rounds to 1.

    `epsilon` keeps its twin away from 0.
    """

    def __init__(self, epsilon: float = 0.0) -> None:
        super().__init__()
        self.epsilon = epsilon

    def forward(self, scores: Tensor, targets: Tensor) -> Tensor:
        wanted = nn.functional.one_hot(targets, CLASSES).float()
        chance = torch.sigmoid(scores * 10).clamp(self.epsilon, 1 - self.epsilon)
        return -(wanted * chance.log() + (1 - wanted) * (1 - chance).log()).mean()
