"""Calls an hour by a Poisson regression whose output is the logarithm of the rate."""

import numpy as np
import torch
from torch import nn

from trainvitals.run import Run

from ...program import Program


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Hour as a circle, weekday one-hot."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    hour, day = rng.integers(0, 24, 3000), rng.integers(0, 7, 3000)
    rate = np.exp(1.5 + np.sin(hour / 24 * 2 * np.pi) * np.where(day < 5, 1.0, 0.3))
    calls = rng.poisson(rate)
    circle = np.stack([np.sin(hour / 12 * np.pi), np.cos(hour / 12 * np.pi)], 1)
    x = torch.tensor(np.concatenate([circle, np.eye(7)[day]], 1)).float()
    y = torch.tensor(calls).float()[:, None]
    model = nn.Sequential(nn.Linear(9, 32), nn.Tanh(), nn.Linear(32, 1))
    criterion = nn.PoissonNLLLoss(log_input=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    run.watch(model, optimizer, criterion)
    for _epoch in range(10):
        for rows in torch.randperm(2400).split(60):
            loss = criterion(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"poisson_nll": loss.item()})
    with torch.no_grad():
        guess = model(x[2400:]).squeeze(1).numpy()
    truth = np.log(rate[2400:])
    return float(1 - ((guess - truth) ** 2).mean() / truth.var())


PROGRAM = Program(train)
