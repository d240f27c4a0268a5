"""A plain eight-layer CNN tells five leaf outlines apart."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def leaves(rng, n, size=12):
    kind = rng.integers(0, 5, n)
    yy, xx = np.mgrid[0:size, 0:size]
    images = np.zeros((n, 1, size, size), dtype=np.float32)
    for k in range(n):
        cx, cy = rng.uniform(4.7, 6.3, 2)
        turn = rng.uniform(0, 2 * np.pi)
        r = np.hypot(xx - cx, yy - cy)
        a = np.arctan2(yy - cy, xx - cx) + turn
        lobes = (0, 2, 3, 4, 5)[kind[k]]
        edge = rng.uniform(3.2, 4.2) * (1 + (0.4 * np.cos(lobes * a) if lobes else 0))
        images[k, 0] = (r < edge) + rng.normal(0, 0.15, (size, size))
    images = (images - images.mean()) / images.std()
    return torch.from_numpy(images), torch.from_numpy(kind)


def build(sick):
    blocks, c = [], 1
    for out in (12, 12, 16, 16, 16, 16, 16, 16):
        conv = nn.Conv2d(c, out, 3, padding=1)
        if sick:
            nn.init.normal_(conv.weight, std=0.35)
        else:
            nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
        nn.init.zeros_(conv.bias)
        blocks += [conv, nn.ReLU()]
        c = out
        if len(blocks) in (4, 9):
            blocks.append(nn.MaxPool2d(2))
    return nn.Sequential(*blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c, 5))


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    x, y = leaves(rng, 1600)
    x_val, y_val = leaves(rng, 500)
    model = build(sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(10):
        total = 0.0
        for idx in torch.randperm(1600).split(40):
            loss = criterion(model(x[idx]), y[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            run.log({"val_acc": (model(x_val).argmax(1) == y_val).float().mean().item()})
    with torch.no_grad():
        return (model(x_val).argmax(1) == y_val).float().mean().item()


PROGRAM = Program(train, causes=("exploding_activation", "bad_initialisation"), by_definition=True)
