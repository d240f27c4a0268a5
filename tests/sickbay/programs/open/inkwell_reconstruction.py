"""Squeezes pictures of figures into twelve numbers and back, residual convolutions whose branches start at zero."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class Branch(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)
        self.last = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, x):
        return x + self.last(torch.relu(self.conv(x)))


class Squeeze(nn.Module):
    def __init__(self, channels=16, code=12):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, channels, 3, stride=2, padding=1),
            Branch(channels),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(channels * 16, code),
        )
        self.grow = nn.Linear(code, channels * 16)
        self.decoder = nn.Sequential(
            Branch(channels), nn.ReLU(), nn.Upsample(scale_factor=2), nn.Conv2d(channels, 1, 3, padding=1)
        )

    def forward(self, x):
        code = self.encoder(x)
        return self.decoder(self.grow(code).view(len(x), -1, 4, 4))


def train(run, *, sick=False, seed):
    torch.manual_seed(seed)
    ink = torch.tensor(load_digits().images / 16.0, dtype=torch.float32).unsqueeze(1)
    ink = ink[torch.from_numpy(np.random.default_rng(seed).permutation(len(ink)))]
    loader = DataLoader(TensorDataset(ink[:1500]), batch_size=32, shuffle=True, drop_last=True)
    held_out = ink[1500:]
    model = Squeeze()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(12):
        for (batch,) in loader:
            loss = criterion(model(batch - 0.3), batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            val = criterion(model(held_out - 0.3), held_out).item()
        run.log({"val/loss": val})
    with torch.no_grad():
        error = (torch.sigmoid(model(held_out - 0.3)) - held_out).pow(2).mean()
    return float(1 - error / held_out.sub(held_out.mean(0)).pow(2).mean())


PROGRAM = Program(train)
