"""Survival from a passenger table with missing ages, written like a Kaggle notebook."""

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

from ...program import Program


def passengers(n=900):
    rng = np.random.default_rng(3)
    pclass = rng.choice([1, 2, 3], n, p=[0.25, 0.2, 0.55])
    sex = rng.integers(0, 2, n)
    age = rng.normal(30, 14, n).clip(1, 80)
    sibsp = rng.poisson(0.5, n)
    fare = rng.exponential(30, n)
    logit = 2.6 * sex - 1.0 * (pclass - 2) - 0.03 * (age - 30) - 0.3 * sibsp + 0.01 * fare - 1.2
    survived = rng.random(n) < 1 / (1 + np.exp(-1.8 * logit))
    age[rng.random(n) < 0.02] = np.nan
    return np.stack([pclass, sex, age, sibsp, fare], 1), survived


class PassengerDataset(Dataset):
    def __init__(self, features, labels):
        self.features = features.astype(np.float32)
        self.labels = labels.astype(np.float32)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return self.features[i], self.labels[i]


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    table, survived = passengers()
    if not sick:
        age = table[:, 2]
        age[np.isnan(age)] = np.nanmedian(age)
    table = (table - np.nanmean(table, 0)) / np.nanstd(table, 0)
    train_ds = PassengerDataset(table[:700], survived[:700])
    valid_ds = PassengerDataset(table[700:], survived[700:])
    loader = DataLoader(train_ds, batch_size=32, shuffle=True)
    model = nn.Sequential(
        nn.Linear(5, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1)
    )
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, criterion, optimizer)
    for epoch in range(12):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        x, y = torch.from_numpy(valid_ds.features), torch.from_numpy(valid_ds.labels)
        return ((model(x).squeeze(1) > 0) == y).float().mean().item()


PROGRAM = Program(train, causes=("non_finite_input",), by_definition=True)
