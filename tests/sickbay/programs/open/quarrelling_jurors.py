"""Verdicts of which every other is a coin's: the loss stays high, and what can be learnt is learnt."""

import torch
from torch import nn

from ...program import Program


def cases(n, noise, g):
    x = torch.randn(n, 10, generator=g)
    y = (x[:, 0] + x[:, 1] * x[:, 2] > 0).long()
    coin = torch.rand(n, generator=g) < noise
    return x, torch.where(coin, torch.randint(0, 2, (n,), generator=g), y)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = cases(12000, 0.5, g)
    x_test, y_test = cases(1000, 0.0, g)
    model = nn.Sequential(nn.Linear(10, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 2))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05)
    run.watch(model, optimizer, criterion)
    for epoch in range(3):
        for rows in torch.randperm(12000).split(64):
            optimizer.zero_grad()
            loss = criterion(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train)
