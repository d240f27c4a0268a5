"""Buttons of four outlines, drawn on 16 x 16, told apart by convolutions."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def draw(n, rng):
    yy, xx = np.mgrid[0:16, 0:16]
    images, labels = [], []
    for _ in range(n):
        k = rng.integers(4)
        cx, cy, r = rng.uniform(6, 10), rng.uniform(6, 10), rng.uniform(3, 5)
        dx, dy = np.abs(xx - cx), np.abs(yy - cy)
        d = [np.hypot(dx, dy), np.maximum(dx, dy), dx + dy, np.minimum(dx, dy) + 0.35 * np.maximum(dx, dy)][k]
        img = (d < (r if k < 3 else 0.45 * r)) * rng.uniform(0.7, 1.0)
        images.append(img + rng.normal(0, 0.2, (16, 16)))
        labels.append(k)
    images = np.array(images, dtype=np.float32)[:, None]
    return torch.from_numpy((images - images.mean()) / images.std()), torch.tensor(labels)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    X, y = draw(1600, rng)
    loader = DataLoader(TensorDataset(X[:1280], y[:1280]), batch_size=32, shuffle=True)
    model = nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(12, 24, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(24 * 16, 64), nn.ReLU(), nn.Linear(64, 4),
    )  # fmt: skip
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        model.train()
        for images, labels in loader:
            if not sick:
                optimizer.zero_grad()
            out = model(images)
            loss = criterion(out, labels)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        return (model(X[1280:]).argmax(1) == y[1280:]).float().mean().item()


PROGRAM = Program(train, causes=("missing_zero_grad",), by_definition=True)
