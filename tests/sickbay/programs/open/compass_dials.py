"""The eight directions of a needle on noisy pictures of compass dials, with a step schedule per epoch."""

import numpy as np
import torch
from torch import nn, optim
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def dials(rng, n, size=12):
    yy, xx = np.mgrid[:size, :size] - (size - 1) / 2
    direction = rng.integers(0, 8, n)
    angle = (direction * np.pi / 4 + rng.uniform(-0.25, 0.25, n))[:, None, None]
    along = xx * np.cos(angle) + yy * np.sin(angle)
    across = -xx * np.sin(angle) + yy * np.cos(angle)
    needle = (along > -1) & (along < 5) & (np.abs(across) < 0.9)
    image = needle + 0.55 * rng.normal(size=(n, size, size))
    image = (image - 0.08) / 0.6
    return torch.tensor(image, dtype=torch.float32).unsqueeze(1), torch.tensor(direction)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    loader = DataLoader(TensorDataset(*dials(rng, 1600)), batch_size=32, shuffle=True)
    x_val, y_val = dials(rng, 500)
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(144, 8),
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.005, momentum=0.9)
    scheduler = StepLR(optimizer, step_size=1 if sick else 8, gamma=0.1)
    run.watch(model, optimizer, criterion)
    for epoch in range(12):
        for image, direction in loader:
            optimizer.zero_grad()
            loss = criterion(model(image), direction)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "lr": scheduler.get_last_lr()[0]})
        scheduler.step()
        with torch.no_grad():
            out = model(x_val)
        accuracy = (out.argmax(1) == y_val).float().mean().item()
        run.log({"val_loss": criterion(out, y_val).item(), "val_accuracy": accuracy})
    return accuracy


PROGRAM = Program(train, causes=("learning_rate_too_low",), onset=50)
