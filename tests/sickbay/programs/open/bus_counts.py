"""How many wait at the bus stop: Poisson regression, whose loss may be below zero."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(3000, 6)).astype("float32")
    rate = np.exp(1.4 + 0.5 * np.sin(2 * X[:, 0]) + 0.4 * X[:, 1] - 0.3 * X[:, 2] * (X[:, 3] > 0))
    y = rng.poisson(rate).astype("float32")
    X, y = torch.from_numpy(X), torch.from_numpy(y)
    model = nn.Sequential(
        nn.Linear(6, 160), nn.ReLU(), nn.Linear(160, 160), nn.ReLU(), nn.Linear(160, 1), nn.Flatten(0)
    )
    criterion = nn.PoissonNLLLoss(log_input=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    for i in range(400):
        b = torch.from_numpy(rng.integers(0, 2500, 50))
        loss = criterion(model(X[b]), y[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss})
    with torch.no_grad():
        fitted = model(X[2500:]).exp().numpy()
    return 1 - ((fitted - rate[2500:]) ** 2).mean() / rate[2500:].var()


PROGRAM = Program(train)
