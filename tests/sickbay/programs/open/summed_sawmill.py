"""Boards graded with a summed squared error and a rate small enough for the sum."""

import torch
from torch import nn

from ...program import Program


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x = torch.randn(3000, 9)
    y = torch.sin(1.5 * x[:, :1]) + x[:, 1:2] * x[:, 2:3] + 0.4 * x[:, 3:4] + 0.1 * torch.randn(3000, 1)
    model = nn.Sequential(nn.Linear(9, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 1))
    criterion = nn.MSELoss(reduction="sum")
    optimizer = torch.optim.SGD(model.parameters(), lr=2e-4, momentum=0.9)
    run.watch(model, optimizer, criterion)
    for epoch in range(16):
        for rows in torch.randperm(2500).split(100):
            loss = criterion(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return 1 - ((model(x[2500:]) - y[2500:]).pow(2).mean() / y[2500:].var()).item()


PROGRAM = Program(train)
