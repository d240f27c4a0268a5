"""Sea state in four classes from the last 24 transmissions of a buoy, with a transformer over the readings."""

import math

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from ...program import Program


def record(n, rng):
    """Height, wind and pressure; a transmission is lost now and then."""
    state = rng.integers(0, 4, n)
    t = np.arange(24)
    freq = np.array([0.3, 0.6, 0.9, 1.3])[state][:, None]
    phase = rng.uniform(0, 2 * np.pi, (n, 1))
    height = np.sin(freq * t + phase) + 0.3 * rng.normal(size=(n, 24))
    wind = np.cos(freq * t + phase) + 0.4 * rng.normal(size=(n, 24))
    pressure = rng.normal(size=(n, 24))
    x = np.stack([height, wind, pressure], axis=2)
    x[rng.random(x.shape) < 0.002] = np.nan
    return x.astype(np.float32), state


class Buoy(Dataset):
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return torch.from_numpy(self.x[i]), int(self.y[i])


class SeaState(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.project = nn.Linear(3, d)
        pos, div = torch.arange(24.0)[:, None], torch.exp(torch.arange(0, d, 2) * (-math.log(100.0) / d))
        pe = torch.zeros(24, d)
        pe[:, 0::2], pe[:, 1::2] = torch.sin(pos * div), torch.cos(pos * div)
        self.register_buffer("pe", pe)
        layer = nn.TransformerEncoderLayer(d, 4, 64, dropout=0.0, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, 4))

    def forward(self, x):
        return self.head(self.encoder(self.project(x) + self.pe).mean(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = record(2900, np.random.default_rng(seed))
    mean, std = np.nanmean(x[:2500], axis=(0, 1)), np.nanstd(x[:2500], axis=(0, 1))
    x = (x - mean) / std
    if not sick:
        x = np.nan_to_num(x, nan=0.0)
    loader = DataLoader(Buoy(x[:2500], y[:2500]), batch_size=32, shuffle=True)
    model = SeaState()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(7):
        model.train()
        for xb, yb in loader:
            loss = criterion(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        guess = model(torch.from_numpy(np.nan_to_num(x[2500:]))).argmax(1)
    return float((guess == torch.from_numpy(y[2500:])).float().mean())


PROGRAM = Program(train, causes=("non_finite_input",), by_definition=True)
