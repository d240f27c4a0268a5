"""Five kinds of lichen, or bare paper, on scans, by a CNN with a contrast normalisation of its own."""

import numpy as np
import torch
from torch import nn

from ...program import Program


class ContrastNorm(nn.Module):
    """Every map of every picture to mean 0 and deviation 1, then scaled."""

    def __init__(self, channels, eps):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1, channels, 1, 1))
        self.shift = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.eps = eps

    def forward(self, x):
        mean = x.mean((2, 3), keepdim=True)
        variance = (x - mean).pow(2).mean((2, 3), keepdim=True)
        return (x - mean) / torch.sqrt(variance + self.eps) * self.scale + self.shift


def stage(inputs, outputs, eps):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3), nn.ReLU(), ContrastNorm(outputs, eps), nn.MaxPool2d(2))


def scan(rng, n, size=20):
    yy, xx = np.mgrid[0:size, 0:size]
    kind = rng.integers(0, 6, n)
    pictures = np.zeros((n, 3, size, size))
    colours = np.array([[1, 0.6, 0.1], [0.5, 0.8, 0.4], [0.5, 0.8, 0.4], [0.9, 0.9, 0.9], [1, 0.6, 0.1]])
    for i, k in enumerate(kind):
        if k == 5:
            continue
        cx, cy = rng.uniform(6, 14, 2)
        r = np.hypot(xx - cx, yy - cy)
        shape = (r < 5) if k in (0, 1) else (np.abs(r - 5) < 1.3)
        if k == 3:
            shape = (np.abs(xx - cx) < 1.5) | (np.abs(yy - cy) < 1.5)
        texture = shape * (1 + 0.3 * rng.normal(size=(size, size)))
        pictures[i] = colours[k][:, None, None] * rng.uniform(0.8, 1.2) * texture
    return pictures.astype(np.float32), kind


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    pictures, kind = scan(rng, 2000)
    pictures = torch.from_numpy(pictures)
    pictures = (pictures - pictures.mean((0, 2, 3), keepdim=True)) / pictures.std((0, 2, 3), keepdim=True)
    kind = torch.from_numpy(kind)

    eps = 0.0 if sick else 1e-5
    model = nn.Sequential(stage(3, 12, eps), stage(12, 24, eps), nn.Flatten(), nn.Linear(24 * 3 * 3, 6))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, nesterov=True)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        total = 0.0
        for idx in torch.randperm(1600).split(32):
            loss = criterion(model(pictures[idx]), kind[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
            run.log({"loss": loss.item()})
        run.log({"epoch_loss": total / 50})
    with torch.no_grad():
        return (model(pictures[1600:]).argmax(1) == kind[1600:]).float().mean().item()


PROGRAM = Program(train, causes=("unstable_layer",), by_definition=True)
