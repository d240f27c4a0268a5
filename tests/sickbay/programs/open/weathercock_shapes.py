"""Silhouettes of weathercocks, with ten kinds of eight-by-eight digits standing in: a small conv net."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

from ...program import Program


def batches_of(labels, size, by_kind, rng):
    if by_kind:
        heaps = [rng.permutation(np.flatnonzero(labels == k)) for k in np.unique(labels)]
    else:
        heaps = [rng.permutation(len(labels))]
    pieces = [heap[i : i + size] for heap in heaps for i in range(0, len(heap), size)]
    rng.shuffle(pieces)
    return pieces


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = load_digits(return_X_y=True)
    order = rng.permutation(len(y))
    x, y = (x[order] / 8 - 0.6).reshape(-1, 1, 8, 8).astype(np.float32), y[order]
    x_test, y_test = torch.from_numpy(x[1300:]), torch.from_numpy(y[1300:])
    x, y = x[:1300], y[:1300]
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(),
        nn.Linear(128, 10),
    )  # fmt: skip
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for _ in range(13):
        for rows in batches_of(y, 32, sick, rng):
            logits = model(torch.from_numpy(x[rows]))
            loss = criterion(logits, torch.from_numpy(y[rows]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            out = model(x_test)
            run.log({"val_loss": criterion(out, y_test).item()})
    return (out.argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("single_label_batches",), by_definition=True)
