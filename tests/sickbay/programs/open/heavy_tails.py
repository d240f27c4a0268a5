"""Regression where the noise has heavy tails; Huber's loss takes it."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    X = rng.uniform(-2, 2, (2400, 4))
    clean = np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2] / 2
    y = clean + 0.3 * rng.standard_t(1.8, 2400)
    X, y, clean = (torch.tensor(a).float() for a in (X, y, clean))
    model = nn.Sequential(nn.Linear(4, 50), nn.Tanh(), nn.Linear(50, 50), nn.Tanh(), nn.Linear(50, 1), nn.Flatten(0))
    criterion = nn.HuberLoss(delta=0.5)
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(12):
        for xb, yb in DataLoader(TensorDataset(X[:2000], y[:2000]), batch_size=50, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            run.log({"train_loss": loss.item()})
        with torch.no_grad():
            run.log({"val_loss": criterion(model(X[2000:]), y[2000:]).item()})
    with torch.no_grad():
        return 1 - ((model(X[2000:]) - clean[2000:]) ** 2).mean().item() / clean[2000:].var().item()


PROGRAM = Program(train)
