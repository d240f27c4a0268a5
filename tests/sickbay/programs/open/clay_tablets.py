"""An autoencoder squeezes pictures of pressed wedges, standardised pixel by pixel, into twelve numbers."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def tablets(n, rng):
    """Sums of a few soft wedges on a 12 by 12 grid."""
    yy, xx = np.mgrid[:12, :12]
    pictures = np.zeros((n, 12, 12))
    for _ in range(3):
        cx, cy = rng.uniform(2, 9, (2, n, 1, 1))
        depth = rng.uniform(0.5, 1.0, (n, 1, 1))
        pictures += depth * np.exp(-((xx - cx) ** 2 + (yy - cy) ** 2) / 8.0)
    return pictures.reshape(n, 144).astype(np.float32)


class Autoencoder(nn.Module):
    def __init__(self, last):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(144, 96), nn.ReLU(), nn.Linear(96, 12))
        self.decoder = nn.Sequential(nn.Linear(12, 96), nn.ReLU(), nn.Linear(96, 144), *last)

    def forward(self, x):
        return self.decoder(self.encoder(x))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    data = tablets(3600, rng)
    mean, std = data[:3000].mean(0), data[:3000].std(0)
    data = torch.from_numpy((data - mean) / std)
    x_train, x_test = data[:3000], data[3000:]

    model = Autoencoder([nn.Sigmoid()] if sick else [])
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(10):
        for batch in x_train[torch.randperm(3000)].split(60):
            reconstruction = model(batch)
            loss = criterion(reconstruction, batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"reconstruction_loss": loss.item()})
    with torch.no_grad():
        rest = ((model(x_test) - x_test) ** 2).mean()
    return (1 - rest / x_test.var()).item()


PROGRAM = Program(train, causes=("loss_output_mismatch",), by_definition=True)
