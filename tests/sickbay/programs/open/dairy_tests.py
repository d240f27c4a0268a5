"""Fat in milk from an infrared spectrum, four small batches for every step, with a cap on the gradient."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

PARTS = 4


class SpectrumNet(nn.Module):
    """Convolutions along the spectrum, then a dense head."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv1d(1, 8, 5, stride=2, padding=2), nn.ReLU(), nn.Conv1d(8, 16, 5, stride=2, padding=2), nn.ReLU()
        )
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(16 * 15, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, x):
        return self.head(self.conv(x.unsqueeze(1))).squeeze(1)


def spectra(n, seed):
    rng = np.random.default_rng(seed)
    band = np.linspace(0, 1, 60)
    fat, protein, water = rng.normal(size=(3, n, 1))
    x = fat * np.exp(-(((band - 0.3) / 0.08) ** 2)) + protein * np.exp(-(((band - 0.4) / 0.1) ** 2))
    x = x + water * np.exp(-(((band - 0.7) / 0.2) ** 2)) + 0.15 * rng.normal(size=(n, 60))
    y = fat[:, 0] + 0.3 * fat[:, 0] * water[:, 0]
    x = (x - x.mean(0)) / x.std(0)
    return torch.tensor(x, dtype=torch.float32), torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = spectra(3800, seed)
    loader = DataLoader(TensorDataset(x[:3200], y[:3200]), batch_size=16, shuffle=True)
    model = SpectrumNet()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for _epoch in range(6):
        running = 0.0
        for i, (spectrum, fat) in enumerate(loader, start=1):
            loss = criterion(model(spectrum), fat) / PARTS
            loss.backward()
            running += loss.item()
            if i % PARTS == 0:
                nn.utils.clip_grad_norm_(model.parameters(), 5.0)
                optimizer.step()
                optimizer.zero_grad()
                run.log({"loss": running})
                running = 0.0
    with torch.no_grad():
        rest = criterion(model(x[3200:]), y[3200:]) / y[3200:].var()
    return max(0.0, 1 - rest.item())


PROGRAM = Program(train)
