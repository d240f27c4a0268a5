"""Faults of a gearbox from 40 spectral bands; a sigmoid network with weights drawn by torch.randn."""

import torch
from torch import nn

from ...program import Program


def bands(n, g):
    y = torch.randint(0, 4, (n,), generator=g)
    x = torch.randn(n, 40, generator=g)
    x[torch.arange(n), y * 10 + 3] += 2.5
    x[torch.arange(n), (y * 7 + 5) % 40] -= 2.0
    return x, y


class SigmoidNet(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.w1, self.w2 = nn.Linear(40, 80), nn.Linear(80, 80)
        self.w3 = nn.Linear(80, 4)
        for layer in (self.w1, self.w2):
            layer.weight.data = torch.randn_like(layer.weight) * scale
            layer.bias.data.zero_()
        self.s1, self.s2 = nn.Tanh(), nn.Tanh()

    def forward(self, x):
        return self.w3(self.s2(self.w2(self.s1(self.w1(x)))))


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(41)
    x, y = bands(700, g)
    x_test, y_test = bands(600, g)
    model = SigmoidNet(4.0 if sick else 0.12)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for step in range(400):
        i = torch.randint(0, 700, (32,))
        optimizer.zero_grad()
        loss = criterion(model(x[i]), y[i])
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("saturated_units", "bad_initialisation"))
