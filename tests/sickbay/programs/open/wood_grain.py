"""Five kinds of timber by the grain on a small patch."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def patches(rng, n, size=12):
    kind = rng.integers(0, 5, n)
    yy, xx = np.mgrid[0:size, 0:size]
    freq = np.array([0.5, 0.8, 1.1, 1.5, 2.0])[kind][:, None, None] * rng.normal(1, 0.06, (n, 1, 1))
    tilt = rng.uniform(-0.5, 0.5, (n, 1, 1))
    phase = rng.uniform(0, 6.28, (n, 1, 1))
    img = np.sin(freq * (xx + tilt * yy) + phase) + rng.normal(0, 0.8, (n, size, size))
    return torch.tensor(img / img.std()).float()[:, None], torch.tensor(kind)


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    x, y = patches(rng, 3000)
    x_test, y_test = patches(rng, 600)
    noisy = torch.tensor(rng.random(3000) < 0.15)
    y = torch.where(noisy, torch.tensor(rng.integers(0, 5, 3000)), y)
    loader = DataLoader(TensorDataset(x, y), batch_size=1 if sick else 64, shuffle=True)
    model = nn.Sequential(
        nn.Conv2d(1, 16, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 24, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(24 * 9, 5),
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)
    done = 0
    while done < 600:
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()}, step=done)
            done += 1
            if done == 600:
                break
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("noisy_gradient",))
