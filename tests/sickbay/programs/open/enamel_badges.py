"""Five kinds of enamel badge in small grey pictures, by convolutions with a tanh of chosen steepness."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def draw(kind, rng):
    picture = np.zeros((16, 16), dtype=np.float32)
    r, c, size = rng.integers(5, 11), rng.integers(5, 11), rng.integers(3, 5)
    rows, cols = np.mgrid[:16, :16]
    away = np.maximum(abs(rows - r), abs(cols - c))
    inside = away <= size
    if kind == 0:
        picture[away == size] = 1
    elif kind == 1:
        picture[inside & ((rows == r) | (cols == c))] = 1
    elif kind == 2:
        picture[inside & (abs(rows - r) == abs(cols - c))] = 1
    elif kind == 3:
        picture[inside & (rows % 2 == 0)] = 1
    else:
        picture[inside & (cols % 2 == 0)] = 1
    return picture + 0.35 * rng.standard_normal((16, 16)).astype(np.float32)


class SteepTanh(nn.Module):
    def __init__(self, steepness):
        super().__init__()
        self.steepness = steepness

    def forward(self, x):
        return torch.tanh(self.steepness * x)


def badge_net(steepness):
    return nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1),
        SteepTanh(steepness),
        nn.Conv2d(12, 16, 3, stride=2, padding=1),
        SteepTanh(steepness),
        nn.Conv2d(16, 24, 3, stride=2, padding=1),
        SteepTanh(steepness),
        nn.Flatten(),
        nn.Linear(24 * 16, 32),
        SteepTanh(steepness),
        nn.Linear(32, 5),
    )


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 5, 3000)
    x = np.stack([draw(kind, rng) for kind in y])[:, None]
    x = torch.from_numpy((x - x.mean()) / x.std())
    y = torch.from_numpy(y)
    model = badge_net(steepness=40.0 if sick else 1.0)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loss_fn = nn.CrossEntropyLoss()
    run.watch(model, optimizer, loss_fn)
    for epoch in range(10):
        for rows in torch.randperm(2500).split(64):
            out = model(x[rows])
            loss = loss_fn(out, y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "accuracy": (out.argmax(1) == y[rows]).float().mean().item()})
    with torch.no_grad():
        return (model(x[2500:]).argmax(1) == y[2500:]).float().mean().item()


PROGRAM = Program(train, causes=("saturated_units",))
