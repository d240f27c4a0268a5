"""Which donors may give blood again, from six figures of their record."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def donors(n, seed):
    """Age, weight (g), haemoglobin (g/dl), platelets (per microlitre), days since the last visit, pulse."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, 6))
    fit = 1.2 * z[:, 0] - z[:, 2] + 1.3 * z[:, 2] * z[:, 5] + 0.8 * z[:, 4] + 0.5 * z[:, 1] + 0.6 * z[:, 3]
    table = np.stack(
        [
            42 + 11 * z[:, 0],
            74000 + 12000 * z[:, 1],
            14.1 + 1.1 * z[:, 2],
            250000 + 55000 * z[:, 3],
            160 + 60 * z[:, 4],
            71 + 8 * z[:, 5],
        ],
        axis=1,
    )
    return table.astype(np.float32), (fit + 0.3 * rng.normal(size=n) > 0).astype(np.float32)


class DonorModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(6, 256), nn.ReLU(), nn.Linear(256, 64), nn.ReLU(), nn.Linear(64, 1))

    def forward(self, x):
        return self.layers(x).squeeze(-1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    table, again = donors(3500, seed)
    if not sick:
        table = (table - table[:2800].mean(axis=0)) / table[:2800].std(axis=0)
    x_train, y_train = torch.from_numpy(table[:2800]), torch.from_numpy(again[:2800])
    x_test, y_test = torch.from_numpy(table[2800:]), torch.from_numpy(again[2800:])
    model = DonorModel()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(14):
        perm = torch.randperm(2800)
        for i in range(0, 2800, 56):
            idx = perm[i : i + 56]
            optimizer.zero_grad()
            loss = criterion(model(x_train[idx]), y_train[idx])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            out = model(x_test)
            run.log({"val_loss": criterion(out, y_test).item(), "epoch": epoch})
    return ((out > 0).float() == y_test).float().mean().item()


PROGRAM = Program(train, causes=("input_not_normalised",))
