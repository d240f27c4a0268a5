"""The reference CNN: shaped like ResNet-18, for images of 32 x 32 (about 140 ms a step at batch 16 and full width)."""

from itertools import pairwise

import torch
from torch import Tensor, nn

CLASSES, BATCH = 10, 16


class Block(nn.Module):
    """Two 3 x 3 convolutions around a shortcut."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        inner = self.norm2(self.conv2(self.relu(self.norm1(self.conv1(x)))))
        return self.relu(inner + self.shortcut(x))


class Cnn(nn.Module):
    """Four stages of two blocks; `width` channels in the first (64 is ResNet-18)."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True)
        )
        widths = [width, width, width * 2, width * 4, width * 8]
        self.stages = nn.Sequential(
            *(nn.Sequential(Block(a, b, 1 if a == b else 2), Block(b, b, 1)) for a, b in pairwise(widths))
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(widths[-1], CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.head(self.pool(self.stages(self.stem(x))).flatten(1))
        return out


def batch(size: int = BATCH) -> tuple[Tensor, Tensor]:
    """Images [size, 3, 32, 32] and labels [size]."""
    return torch.randn(size, 3, 32, 32), torch.randint(0, CLASSES, (size,))
