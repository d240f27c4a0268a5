"""Yield of an orchard; somebody read that more weight decay generalises better."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(1500, 10)).astype("float32")
    y = (np.tanh(X[:, 0] * 2) + X[:, 1] * X[:, 2] * 0.5 + 0.5 * X[:, 3] + 0.2 * rng.normal(size=1500)).astype("float32")
    X, y = torch.from_numpy(X), torch.from_numpy(y)[:, None]
    model = nn.Sequential(nn.Linear(10, 160), nn.ReLU(), nn.Linear(160, 160), nn.ReLU(), nn.Linear(160, 1))
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=0.5 if sick else 1e-5)
    run.watch(model, optimizer, criterion)
    for i in range(400):
        b = torch.from_numpy(rng.integers(0, 1200, 40))
        optimizer.zero_grad()
        loss = criterion(model(X[b]), y[b])
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        return 1 - (criterion(model(X[1200:]), y[1200:]) / y[1200:].var()).item()


PROGRAM = Program(train, causes=("over_regularised",))
