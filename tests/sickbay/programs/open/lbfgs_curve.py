"""A curve through measured points by L-BFGS, full batch, with a closure."""

import torch
from torch import nn

from ...program import Program


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    x = torch.rand(300, 2, generator=g) * 2 - 1
    y = (torch.sin(3 * x[:, :1]) * x[:, 1:]) * 2 + 0.05 * torch.randn(300, 1, generator=g)
    model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1))
    criterion = nn.MSELoss()
    optimizer = torch.optim.LBFGS(model.parameters(), lr=0.5, max_iter=4, history_size=10)
    run.watch(model, optimizer, criterion)

    def closure():
        optimizer.zero_grad()
        error = criterion(model(x[:200]), y[:200]) + 1e-5 * sum(p.pow(2).sum() for p in model.parameters())
        error.backward()
        return error

    for step in range(150):
        loss = optimizer.step(closure)
        run.log({"loss": loss})
    with torch.no_grad():
        return 1 - (criterion(model(x[200:]), y[200:]) / y[200:].var()).item()


PROGRAM = Program(train)
