"""Predicts the weekly rent of cottages from twelve facts about them."""

import numpy as np
import torch
import torch.nn as nn
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class RentModel(nn.Module):
    def __init__(self, n_features, mean_rent):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(n_features, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU())
        self.head = nn.Linear(64, 1)
        nn.init.constant_(self.head.bias, mean_rent)

    def forward(self, x):
        return self.head(self.body(x)).squeeze(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(3000, 12))
    rent = 420 + 60 * X[:, 0] + 40 * np.maximum(X[:, 1], 0) * X[:, 2] + 30 * np.sin(2 * X[:, 3])
    rent += 10 * rng.normal(size=len(rent))
    X_tr, X_te, r_tr, r_te = train_test_split(X, rent, test_size=0.2, random_state=seed)
    mu, sigma = r_tr.mean(), r_tr.std()
    y_tr = torch.tensor((r_tr - mu) / sigma, dtype=torch.float32)
    y_te = torch.tensor((r_te - mu) / sigma, dtype=torch.float32)
    X_tr, X_te = torch.tensor(X_tr, dtype=torch.float32), torch.tensor(X_te, dtype=torch.float32)

    model = RentModel(12, mean_rent=float(mu) if sick else float(y_tr.mean()))
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(10):
        running = 0.0
        for xb, yb in DataLoader(TensorDataset(X_tr, y_tr), batch_size=48, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            running += loss.item() * len(xb)
            run.log({"train/loss": loss.item()})
        with torch.no_grad():
            val = criterion(model(X_te), y_te).item()
        run.log({"val/loss": val})
    return float(min(max(1 - val / y_te.var().item(), 0.0), 1.0))


PROGRAM = Program(train, causes=("loss_at_init", "bad_initialisation"))
