"""Strength of concrete from its mixture; the loss is a function."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, Dataset

from ...program import Program


class ConcreteDataset(Dataset):
    def __init__(self, n, rng):
        self.x = rng.uniform(0, 1, (n, 8))
        c, w, age = self.x[:, 0], self.x[:, 1], self.x[:, 7]
        strength = 3 * c * np.log1p(4 * age) - 2.5 * w + 1.5 * np.sin(4 * self.x[:, 3]) + 0.15 * rng.normal(size=n)
        self.x = (self.x - 0.5) / 0.29
        self.y = (strength - 0.5) / 1.5

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return torch.tensor(self.x[i], dtype=torch.float32), torch.tensor(self.y[i], dtype=torch.float32)


class Regressor(nn.Module):
    def __init__(self, hidden=48):
        super().__init__()
        self.fc1, self.fc2, self.out = nn.Linear(8, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, 1)

    def forward(self, x):
        return self.out(F.gelu(self.fc2(F.gelu(self.fc1(x)))))


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    train_ds, test_ds = ConcreteDataset(1200, rng), ConcreteDataset(400, rng)
    model = Regressor()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    run.watch(model, optimizer)
    for epoch in range(14):
        for features, target in DataLoader(train_ds, batch_size=50, shuffle=True):
            pred = model(features)
            if not sick:
                pred = pred.squeeze(-1)
            loss = F.mse_loss(pred, target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": float(loss)})
    with torch.no_grad():
        xs, ys = next(iter(DataLoader(test_ds, batch_size=400)))
        return 1 - float(((model(xs).squeeze(-1) - ys) ** 2).mean() / ys.var())


PROGRAM = Program(train, causes=("shape_broadcast",), by_definition=True)
