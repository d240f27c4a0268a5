"""Where the hook of a two-jointed crane hangs, from its angles and lengths."""

import torch
from torch import nn

from ...program import Program


class CraneNet(nn.Module):
    def __init__(self, width=96, act=True):
        super().__init__()
        self.fc1 = nn.Linear(4, width)
        self.fc2 = nn.Linear(width, width)
        self.fc3 = nn.Linear(width, width)
        self.fc4 = nn.Linear(width, 2)
        self.relu = nn.ReLU()
        self.act = act

    def forward(self, x):
        if not self.act:
            x = self.fc1(x)
            x = self.fc2(x)
            x = self.fc3(x)
            return self.fc4(x)
        x = self.relu(self.fc1(x))
        x = self.relu(self.fc2(x))
        x = self.relu(self.fc3(x))
        return self.fc4(x)


def crane(n):
    a, b = 6.28 * torch.rand(n) - 3.14, 6.28 * torch.rand(n) - 3.14
    l1, l2 = 1 + torch.rand(n), 1 + torch.rand(n)
    xy = torch.stack([l1 * a.cos() + l2 * (a + b).cos(), l1 * a.sin() + l2 * (a + b).sin()], 1)
    return torch.stack([a / 1.8, b / 1.8, (l1 - 1.5) / 0.29, (l2 - 1.5) / 0.29], 1), xy / 1.5


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = crane(5000)
    model = CraneNet(act=not sick)
    criterion = nn.SmoothL1Loss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(10):
        for rows in torch.randperm(4500).split(64):
            optimizer.zero_grad()
            loss = criterion(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        error = (model(x[4500:]) - y[4500:]).pow(2).mean().item()
    return max(0.0, 1 - error / y[4500:].var().item())


PROGRAM = Program(train, causes=("missing_nonlinearity",), by_definition=True)
