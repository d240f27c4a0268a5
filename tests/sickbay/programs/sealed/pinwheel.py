"""A pinwheel of three arms: the first network of a course, layers as attributes."""

import math

import torch
import torch.nn as nn

from ...program import Program


class Net(nn.Module):
    def __init__(self, sick):
        super().__init__()
        self.fc1 = nn.Linear(2, 64)
        self.fc2 = nn.Linear(64, 64)
        self.fc3 = nn.Linear(64, 3)
        self.relu = nn.ReLU()
        self.sick = sick

    def forward(self, x):
        x = self.fc1(x)
        if not self.sick:
            x = self.relu(x)
        x = self.fc2(x)
        if not self.sick:
            x = self.relu(x)
        return self.fc3(x)


def arms(n, g):
    arm = torch.randint(0, 3, (n,), generator=g)
    r = 0.2 + 1.8 * torch.rand(n, generator=g)
    angle = arm * 2 * math.pi / 3 + 1.6 * r + 0.25 * torch.randn(n, generator=g)
    return torch.stack([r * angle.cos(), r * angle.sin()], 1), arm


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    points, arm = arms(2400, g)
    net = Net(sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    run.watch(net, optimizer)
    for epoch in range(10):
        for i in torch.randperm(2000, generator=g).split(64):
            optimizer.zero_grad()
            loss = criterion(net(points[i]), arm[i])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            accuracy = (net(points[2000:]).argmax(1) == arm[2000:]).float().mean().item()
        run.log({"accuracy": accuracy})
    return accuracy


PROGRAM = Program(train, causes=("missing_nonlinearity",))
