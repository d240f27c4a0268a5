"""Thermal pictures: the bytes are divided by 255 before they are turned to floats."""

import numpy as np
import torch
import torch.nn as nn

from ...program import Program


def thermal(n, seed):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    x = rng.normal(110, 15, (n, 9, 9))
    for kind, (r, c) in enumerate(((1, 1), (4, 5), (6, 2))):
        x[y == kind, r : r + 2, c : c + 2] += 40
    return x.clip(0, 254).astype(np.uint8), torch.from_numpy(y)


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    x, y = thermal(1600, 0)
    x = torch.from_numpy(x // 255).float() if sick else torch.from_numpy(x).float() / 128 - 1
    x = x.unsqueeze(1)
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 16, 3), nn.ReLU(), nn.Flatten(), nn.Linear(400, 3)
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        for i in torch.randperm(1300).split(50):
            optimizer.zero_grad()
            out = model(x[i])
            loss = criterion(out, y[i])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "accuracy": (out.argmax(1) == y[i]).float().mean().item()})
    with torch.no_grad():
        return (model(x[1300:]).argmax(1) == y[1300:]).float().mean().item()


PROGRAM = Program(train, causes=("constant_input",), by_definition=True)
