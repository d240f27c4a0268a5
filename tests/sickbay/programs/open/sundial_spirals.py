"""Draws the borders between the five arms of a spiral of sundial shadows with an MLP."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def arms(rng, n):
    arm = rng.integers(0, 5, n)
    r = np.sqrt(rng.uniform(0.02, 1, n))
    theta = arm * 2 * np.pi / 5 + 5.0 * r + rng.normal(0, 0.1, n)
    xy = np.stack([r * np.cos(theta), r * np.sin(theta)], 1) * 2
    return torch.tensor(xy, dtype=torch.float32), torch.tensor(arm)


class Net(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.fc1 = nn.Linear(2, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.fc3 = nn.Linear(hidden, 5)

    def forward(self, x):
        x = torch.tanh(self.fc1(x))
        x = torch.tanh(self.fc2(x))
        return self.fc3(x)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = arms(rng, 4000)
    x_val, y_val = arms(rng, 1000)

    net = Net(hidden=2 if sick else 64)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    run.watch(net, optimizer, criterion)

    for step in range(800):
        rows = torch.randint(len(x), (128,))
        loss = criterion(net(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()}, step=step)
        if step % 50 == 49:
            with torch.no_grad():
                out = net(x_val)
                run.log({"val_loss": criterion(out, y_val).item()}, step=step)
    return (out.argmax(1) == y_val).float().mean().item()


PROGRAM = Program(train, causes=("capacity_too_small",))
