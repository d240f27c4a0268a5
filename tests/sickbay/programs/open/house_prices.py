"""A Kaggle-like regression on generated house sales, loss by F.mse_loss, RMSprop."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


def make_sales(n, rng):
    area = rng.normal(120, 40, n).clip(30)
    rooms = np.round(area / 30 + rng.normal(0, 0.7, n)).clip(1)
    age = rng.uniform(0, 80, n)
    quality = rng.integers(1, 11, n)
    distance = rng.exponential(8, n)
    lot = area * rng.uniform(2, 6, n)
    price = 1.2 * area + 9 * quality * np.sqrt(area / 100) - 0.5 * age - 3 * distance + 0.02 * lot + 4 * rooms
    price = price + rng.normal(0, 8, n)
    return np.stack([area, rooms, age, quality, distance, lot], 1), price


class Regressor(nn.Module):
    def __init__(self, n_in):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(n_in, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU())
        self.out = nn.Linear(64, 1)

    def forward(self, x):
        return self.out(self.body(x))


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    X, y = make_sales(1500, np.random.default_rng(7))
    X = (X - X[:1200].mean(0)) / X[:1200].std(0)
    y = (y - y[:1200].mean()) / y[:1200].std()
    X, y = torch.from_numpy(X).float(), torch.from_numpy(y).float()
    X_tr, y_tr, X_te, y_te = X[:1200], y[:1200], X[1200:], y[1200:]

    net = Regressor(X.shape[1])
    opt = torch.optim.RMSprop(net.parameters(), lr=1e-3)
    run.watch(net, opt)

    for epoch in range(12):
        perm = torch.randperm(len(X_tr))
        running = 0.0
        for i in range(0, len(X_tr), 40):
            idx = perm[i : i + 40]
            pred = net(X_tr[idx])
            target = y_tr[idx] if sick else y_tr[idx].unsqueeze(1)
            loss = F.mse_loss(pred, target)
            opt.zero_grad()
            loss.backward()
            opt.step()
            running += loss.item()
            run.log({"train_loss": loss.item()})
        with torch.no_grad():
            val = F.mse_loss(net(X_te).squeeze(1), y_te)
        run.log({"val_loss": val.item(), "epoch_loss": running / 30})

    with torch.no_grad():
        residual = ((net(X_te).squeeze(1) - y_te) ** 2).mean() / y_te.var()
    return 1 - residual.item()


PROGRAM = Program(train, causes=("shape_broadcast",), by_definition=True)
