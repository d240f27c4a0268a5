"""Three spirals of cork dust told apart by a network of four layers."""

import math

import torch
from torch import nn

from ...program import Program


def spirals(n):
    arm = torch.randint(0, 3, (n,))
    t = torch.rand(n)
    angle = 5.0 * t + arm * (2 * math.pi / 3)
    points = torch.stack([t * torch.cos(angle), t * torch.sin(angle)], dim=1) + 0.03 * torch.randn(n, 2)
    return points / 0.41, arm


class SpiralNet(nn.Module):
    def __init__(self, hidden, act):
        super().__init__()
        self.input = nn.Linear(2, hidden)
        self.hidden1 = nn.Linear(hidden, hidden)
        self.hidden2 = nn.Linear(hidden, hidden)
        self.output = nn.Linear(hidden, 3)
        self.act = act

    def forward(self, x):
        x = self.act(self.input(x))
        x = self.act(self.hidden1(x))
        x = self.act(self.hidden2(x))
        return self.output(x)


def no_act(x):
    return x


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = spirals(2400)
    x_test, y_test = spirals(600)
    model = SpiralNet(128, no_act if sick else torch.relu)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)
    for _epoch in range(22):
        for rows in torch.randperm(len(x)).split(80):
            optimizer.zero_grad()
            loss = criterion(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("missing_nonlinearity",))
