"""Normal beat or one of three faults, from two leads of a twelve-bit recorder and a small 1-D CNN."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


def beats(n, rng):
    y = rng.integers(0, 4, n)
    t = np.linspace(0, 1, 80)
    centre = rng.uniform(0.4, 0.6, (n, 1))
    width = np.array([0.03, 0.07, 0.03, 0.03])[y][:, None]
    r = np.exp(-((t - centre) ** 2) / (2 * width**2))
    wave_t = 0.35 * np.exp(-((t - centre - 0.2) ** 2) / (2 * 0.05**2))
    wave_t *= np.array([1.0, 1.0, -1.0, 1.0])[y][:, None]
    wave_p = 0.25 * np.exp(-((t - centre + 0.17) ** 2) / (2 * 0.03**2))
    wave_p *= np.array([1.0, 1.0, 1.0, 0.0])[y][:, None]
    clean = r + wave_t + wave_p
    lead1 = clean + 0.08 * rng.normal(size=clean.shape)
    lead2 = -0.6 * clean + 0.08 * rng.normal(size=clean.shape)
    counts = np.stack([2048 + 80 * lead1, 1900 + 80 * lead2], axis=1).round()
    return counts.astype(np.float32), y


class BeatNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv1d(2, 16, 5, padding=2)
        self.c2 = nn.Conv1d(16, 32, 5, padding=2)
        self.f1 = nn.Linear(32 * 20, 64)
        self.f2 = nn.Linear(64, 4)

    def forward(self, x):
        x = F.max_pool1d(F.relu(self.c1(x)), 2)
        x = F.max_pool1d(F.relu(self.c2(x)), 2)
        return self.f2(F.relu(self.f1(x.flatten(1))))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x_train, y_train = beats(2400, rng)
    x_test, y_test = beats(500, rng)
    if not sick:
        mean = x_train.mean(axis=(0, 2), keepdims=True)
        std = x_train.std(axis=(0, 2), keepdims=True)
        x_train, x_test = (x_train - mean) / std, (x_test - mean) / std
    x_train, y_train = torch.tensor(x_train), torch.tensor(y_train)
    x_test, y_test = torch.tensor(x_test), torch.tensor(y_test)

    model = BeatNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    batch_size = 40
    for epoch in range(7):
        order = torch.randperm(len(x_train))
        for start in range(0, len(order), batch_size):
            idx = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = criterion(model(x_train[idx]), y_train[idx])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "epoch": epoch})
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("input_not_normalised",))
