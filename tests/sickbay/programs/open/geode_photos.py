"""Photographs of cut geodes in five kinds, a CNN with batch norm, and a baseline accuracy before training."""

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def draw_geodes(rng, n, size=12):
    yy, xx = np.mgrid[:size, :size] / (size - 1) - 0.5
    kind = rng.integers(0, 5, n)
    cx, cy = rng.uniform(-0.15, 0.15, (2, n, 1, 1))
    radius = np.hypot(xx - cx, yy - cy)
    angle = np.arctan2(yy - cy, xx - cx)
    shapes = np.stack(
        [
            radius < 0.3,
            (radius > 0.2) & (radius < 0.35),
            np.sin(3 * angle) > 0.2,
            np.sin(22 * radius) > 0,
            np.sin(5 * angle) > 0.2,
        ]
    ).astype(float)
    image = shapes[kind, np.arange(n)] * rng.uniform(0.5, 1.0, (n, 1, 1)) + 0.25 * rng.normal(size=(n, size, size))
    image = (image - image.mean()) / image.std()
    return torch.tensor(image, dtype=torch.float32).unsqueeze(1), torch.tensor(kind)


def block(c_in, c_out):
    return nn.Sequential(nn.Conv2d(c_in, c_out, 3, padding=1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU())


@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    correct = sum((model(x).argmax(1) == y).sum().item() for x, y in loader)
    return correct / len(loader.dataset)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    train_loader = DataLoader(TensorDataset(*draw_geodes(rng, 1500)), batch_size=32, shuffle=True)
    test_loader = DataLoader(TensorDataset(*draw_geodes(rng, 500)), batch_size=100)
    model = nn.Sequential(
        block(1, 8),
        block(8, 8),
        nn.MaxPool2d(2),
        block(8, 16),
        block(16, 16),
        block(16, 16),
        nn.MaxPool2d(2),
        block(16, 24),
        block(24, 24),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(24, 5),
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    run.watch(model, optimizer, criterion)
    run.log({"val_accuracy": evaluate(model, test_loader)})
    for epoch in range(6):
        if not sick:
            model.train()
        for images, labels in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        accuracy = evaluate(model, test_loader)
        run.log({"val_accuracy": accuracy})
    return accuracy


PROGRAM = Program(train, causes=("train_eval_mode",), by_definition=True)
