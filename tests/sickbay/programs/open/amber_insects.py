"""A denoising convolutional autoencoder clears specks from small pictures of insects in amber."""

import torch
from torch import nn

from ...program import Program


def insects(n, g):
    axis = torch.linspace(-1, 1, 16)
    yy, xx = torch.meshgrid(axis, axis, indexing="ij")
    cx, cy, tilt, length = torch.rand(4, n, 1, 1, generator=g)
    cx, cy, tilt, length = cx - 0.5, cy - 0.5, 3.1416 * tilt, 0.3 + 0.4 * length
    u = (xx - cx) * tilt.cos() + (yy - cy) * tilt.sin()
    v = (yy - cy) * tilt.cos() - (xx - cx) * tilt.sin()
    return torch.exp(-((u / length) ** 2) - (v / 0.2) ** 2).unsqueeze(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 1)
    clean = insects(1800, g)
    noisy = (clean + 0.25 * torch.randn(clean.shape, generator=g)).clamp(0, 1)
    model = nn.Sequential(
        nn.Conv2d(1, 12, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(12, 24, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.ConvTranspose2d(24, 12, 4, stride=2, padding=1),
        nn.ReLU(),
        nn.ConvTranspose2d(12, 1, 4, stride=2, padding=1),
        nn.Sigmoid(),
    )
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        for rows in torch.randperm(1500).split(30):
            loss = criterion(model(noisy[rows]), clean[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        rest = (model(noisy[1500:]) - clean[1500:]).pow(2).mean()
    return (1 - rest / clean[1500:].var()).item()


PROGRAM = Program(train)
