"""Mosaic tiles with automatic mixed precision and a gradient scaler, as in the recipe."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def tiles(rng, n, size=8):
    kind = rng.integers(0, 6, n)
    base = np.stack(
        [
            np.outer(np.cos(a * np.arange(size)), np.cos(b * np.arange(size)))
            for a, b in ((0, 1), (1, 0), (1, 1), (2, 1), (1, 2), (2, 2))
        ]
    )
    img = base[kind] * rng.choice([-1, 1], (n, 1, 1)) + 0.6 * rng.normal(size=(n, size, size))
    return torch.tensor(img / img.std(), dtype=torch.float32), torch.tensor(kind)


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    train_loader = DataLoader(TensorDataset(*tiles(rng, 2000)), batch_size=64, shuffle=True)
    x_test, y_test = tiles(rng, 500)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 6))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**24, growth_interval=60)
    run.watch(model, optimizer, criterion)
    for epoch in range(10):
        for images, kind in train_loader:
            optimizer.zero_grad()
            with torch.autocast("cpu", dtype=torch.float16):
                loss = criterion(model(images), kind)
            scaler.scale(loss).backward()
            scaler.unscale_(optimizer)
            nn.utils.clip_grad_norm_(model.parameters(), 2.0)
            scaler.step(optimizer)
            scaler.update()
            run.log({"loss": loss.item(), "scale": scaler.get_scale()})
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train)
