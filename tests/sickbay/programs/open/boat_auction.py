"""Hammer prices of second-hand boats, in euros, from nine figures of the catalogue."""

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.preprocessing import StandardScaler
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def catalogue(n, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 9))
    price = 85000 + 21000 * x[:, 0] + 14000 * np.maximum(x[:, 1], 0) - 9000 * x[:, 2] + 8000 * x[:, 3] * x[:, 4]
    return x, price + 4000 * rng.normal(size=n)


class PriceModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(9, 200), nn.ReLU(), nn.Linear(200, 200), nn.ReLU())
        self.head = nn.Linear(200, 1)

    def forward(self, x):
        return self.head(self.body(x)).squeeze(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, price = catalogue(3000, seed)
    x = StandardScaler().fit(x[:2400]).transform(x)
    if sick:
        y = price
    else:
        y = (price - price[:2400].mean()) / price[:2400].std()
    x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
    loader = DataLoader(TensorDataset(x[:2400], y[:2400]), batch_size=64, shuffle=True)
    model = PriceModel()
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.MSELoss()
    run.watch(model, optimizer, criterion)
    step = 0
    for _epoch in range(18):
        for xb, yb in loader:
            loss = criterion(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            if step % 10 == 0:
                run.log({"train_loss": loss.item()}, step=step)
    with torch.no_grad():
        held_out = F.mse_loss(model(x[2400:]), y[2400:]) / y[2400:].var()
    return max(0.0, 1.0 - held_out.item())


PROGRAM = Program(train, causes=("target_not_scaled",))
