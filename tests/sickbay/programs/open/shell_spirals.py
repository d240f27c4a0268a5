"""Shells by the turn of their spiral, with a small conv net in blocks."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def shells(rng, n, size=14):
    kind = rng.integers(0, 4, n)
    yy, xx = np.mgrid[0:size, 0:size] - (size - 1) / 2
    r, a = np.hypot(xx, yy), np.arctan2(yy, xx)
    arms = np.array([1, 1, 2, 2])[kind][:, None, None]
    hand = np.array([1, -1, 1, -1])[kind][:, None, None]
    img = np.cos(arms * a + hand * (0.9 * r) + rng.uniform(0, 6.28, (n, 1, 1)))
    img = img + rng.normal(0, 1.4, (n, size, size))
    return torch.tensor(img / img.std(), dtype=torch.float32)[:, None], torch.tensor(kind)


def block(c_in, c_out, sick):
    conv = nn.Conv2d(c_in, c_out, 3, padding=1)
    if sick:
        return nn.Sequential(conv, nn.ReLU(), nn.Dropout(0.5), nn.BatchNorm2d(c_out))
    return nn.Sequential(conv, nn.BatchNorm2d(c_out), nn.ReLU())


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    x, y = shells(rng, 1600)
    x_val, y_val = shells(rng, 500)
    model = nn.Sequential(
        block(1, 12, sick),
        block(12, 16, sick),
        nn.MaxPool2d(2),
        block(16, 24, sick),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(24 * 9, 4) if sick else nn.Sequential(nn.Dropout(0.5), nn.Linear(24 * 9, 4)),
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        model.train()
        for idx in torch.randperm(1600).split(40):
            optimizer.zero_grad()
            loss = criterion(model(x[idx]), y[idx])
            loss.backward()
            optimizer.step()
            run.log({"train_loss": loss.item()})
        model.eval()
        with torch.no_grad():
            logits = model(x_val)
        run.log({"val_loss": criterion(logits, y_val).item()})
    return (logits.argmax(1) == y_val).float().mean().item()


PROGRAM = Program(train, causes=("normalisation_order",), by_definition=True)
