"""Networks and batches that are small enough to be sampled whole."""

from collections import OrderedDict

import torch
from torch import nn

WIDTH, CLASSES, ROWS = 6, 2, 16


def small(*, inplace: bool = False) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(first=nn.Linear(WIDTH, 8), act=nn.ReLU(inplace=inplace), last=nn.Linear(8, CLASSES))
    )


def sgd(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.SGD(model.parameters(), lr=0.1)


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    return torch.randn(ROWS, WIDTH), torch.randint(0, CLASSES, (ROWS,))
