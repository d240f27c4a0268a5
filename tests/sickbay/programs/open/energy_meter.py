"""A deep tanh network predicts the use of energy; the initialisation is typed in by hand."""

import math

import torch
from torch import nn

from ...program import Program


def meters(n, g):
    x = torch.randn(n, 8, generator=g)
    y = torch.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] + 0.5 * x[:, 3] + 0.1 * torch.randn(n, generator=g)
    return x, y.unsqueeze(1) / 1.3


class Deep(nn.Module):
    def __init__(self, depth, gain):
        super().__init__()
        sizes = [8] + [32] * depth
        self.hidden = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.out = nn.Linear(32, 1)
        for layer in self.hidden:
            nn.init.normal_(layer.weight, std=gain / math.sqrt(layer.in_features))
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        for layer in self.hidden:
            x = torch.sigmoid(layer(x)) if self.squash else torch.tanh(layer(x))
        return self.out(x)


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(6)
    x, y = meters(2000, g)
    model = Deep(9 if sick else 3, 1.0)
    model.squash = sick
    criterion = nn.SmoothL1Loss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    run.watch(model, optimizer, criterion)
    for epoch in range(10):
        for i in torch.randperm(1600).split(40):
            optimizer.zero_grad()
            loss = criterion(model(x[i]), y[i])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return 1 - (model(x[1600:]) - y[1600:]).pow(2).mean().item() / y[1600:].var().item()


PROGRAM = Program(train, causes=("vanishing_gradient",))
