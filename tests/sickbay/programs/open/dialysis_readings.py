"""Urea after dialysis from ten readings, a regression with weight decay in the optimizer."""

import numpy as np
import torch
from sklearn.datasets import make_friedman1
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    X, y = make_friedman1(2400, n_features=10, noise=0.7, random_state=seed)
    X = (X - 0.5) / np.sqrt(1 / 12)
    y = (y - y[:1900].mean()) / y[:1900].std()
    X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)[:, None]
    loader = DataLoader(TensorDataset(X[:1900], y[:1900]), batch_size=38, shuffle=True)

    config = {"lr": 3e-3, "weight_decay": 0.5 if sick else 1e-5, "epochs": 12}
    model = nn.Sequential(nn.Linear(10, 64), nn.ELU(), nn.Linear(64, 64), nn.ELU(), nn.Linear(64, 1))
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=config["lr"], weight_decay=config["weight_decay"])
    run.watch(model, optimizer, criterion)
    for epoch in range(config["epochs"]):
        model.train()
        for xb, yb in loader:
            loss = criterion(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            val_loss = criterion(model(X[1900:]), y[1900:]).item()
        run.log({"val_loss": val_loss})
    return max(0.0, 1 - val_loss / y[1900:].var().item())


PROGRAM = Program(train, causes=("over_regularised",))
