"""The speed of a yacht from wind, angle and hull; a few log entries are plainly wrong, so the loss is SmoothL1."""

import numpy as np
import torch
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def logbook(n, rng, slips=0.02):
    wind = rng.gamma(4, 3, n)
    angle = rng.uniform(30, 180, n)
    length = rng.normal(11, 2, n)
    sail = length**1.5 * rng.uniform(0.8, 1.2, n)
    wave = 0.1 * wind * rng.uniform(0.5, 1.5, n)
    speed = 1.1 * np.sqrt(length) * np.tanh(wind / 9) * np.sin(np.deg2rad(angle)) ** 0.4 + 0.03 * sail - 0.5 * wave
    speed = speed + rng.normal(0, 0.15, n)
    wrong = rng.random(n) < slips
    speed[wrong] = rng.uniform(0, 12, wrong.sum())
    return np.stack([wind, angle, length, sail, wave], 1), speed


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    X, y = logbook(3000, rng)
    X_test, y_test = logbook(800, rng, slips=0)
    scaler = StandardScaler().fit(X)
    centre, scale = np.median(y), 1.5 * np.median(np.abs(y - np.median(y)))

    def tensor(a):
        return torch.tensor(a, dtype=torch.float32)

    data = TensorDataset(tensor(scaler.transform(X)), tensor((y - centre) / scale))
    loader = DataLoader(data, batch_size=64, shuffle=True, drop_last=True)
    X_test, y_test = tensor(scaler.transform(X_test)), tensor((y_test - centre) / scale)

    model = nn.Sequential(
        nn.Linear(5, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 1), nn.Flatten(0)
    )
    criterion = nn.SmoothL1Loss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=5, gamma=0.4)
    run.watch(model, optimizer, criterion)

    for epoch in range(15):
        total = 0.0
        for inputs, targets in loader:
            optimizer.zero_grad()
            loss = criterion(model(inputs), targets)
            loss.backward()
            optimizer.step()
            total += loss.item()
            run.log({"loss": loss.item(), "lr": scheduler.get_last_lr()[0]})
        scheduler.step()
        run.log({"epoch_loss": total / len(loader)})

    with torch.no_grad():
        left = ((model(X_test) - y_test) ** 2).mean() / y_test.var()
    return max(0.0, 1 - left.item())


PROGRAM = Program(train)
