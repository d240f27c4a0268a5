"""Hardness of a cured resin from its mixture and oven curve: a network of tanh units."""

import torch
from sklearn.datasets import make_friedman1
from torch import nn

from ...program import Program


class Offset(nn.Module):
    def __init__(self, by):
        super().__init__()
        self.by = by

    def forward(self, x):
        return x + self.by


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = make_friedman1(2500, n_features=8, noise=0.5, random_state=seed)
    x, y = torch.tensor(x).float(), torch.tensor(y).float().unsqueeze(1)
    x, y = (x - x.mean(0)) / x.std(0), (y - y.mean()) / y.std()
    start = 5.0 if sick else 0.1
    layers = []
    for before, after in ((8, 64), (64, 64), (64, 64)):
        layers += [nn.Linear(before, after), Offset(start), nn.Tanh()]
    net = nn.Sequential(*layers, nn.Linear(64, 1))
    mse = nn.MSELoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.005, momentum=0.9)
    run.watch(net, optimizer, mse)
    for step in range(800):
        rows = torch.randint(0, 2000, (64,))
        loss = mse(net(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 5 == 0:
            run.log({"loss": loss.item()}, step=step)
        if step % 50 == 0:
            with torch.no_grad():
                run.log({"val_loss": mse(net(x[2000:]), y[2000:]).item()}, step=step)
    with torch.no_grad():
        return max(0.0, 1 - (mse(net(x[2000:]), y[2000:]) / y[2000:].var()).item())


PROGRAM = Program(train, causes=("saturated_units",))
