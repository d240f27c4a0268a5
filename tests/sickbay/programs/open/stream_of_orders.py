"""Online learning: each order is seen once, in mini-batches as they come."""

import torch
from torch import nn

from ...program import Program


def stream(steps, w, g):
    for _ in range(steps):
        x = torch.randn(32, 20, generator=g)
        yield x, (torch.rand(32, generator=g) < torch.sigmoid(x @ w)).float()


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    w = torch.randn(20, generator=g) * 0.6
    model = nn.Linear(20, 1)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adagrad(model.parameters(), lr=0.1)
    run.watch(model, optimizer, criterion)
    for x, y in stream(600, w, g):
        loss = criterion(model(x).squeeze(1), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    x = torch.randn(2000, 20, generator=g)
    return ((model(x).squeeze(1) > 0) == (x @ w > 0)).float().mean().item()


PROGRAM = Program(train)
