"""An LSTM on two days of air pressure and wave height tells how far the pressure moves within three hours."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def logbook(seed, n=3000):
    rng = np.random.default_rng(seed)
    p = np.zeros(n)
    v = np.zeros(n)
    for t in range(1, n):
        v[t] = 0.95 * v[t - 1] - 0.05 * p[t - 1] + 0.12 * rng.normal()
        p[t] = 0.97 * p[t - 1] + 0.4 * v[t]
    wave = 180 + 40 * np.abs(v) + 10 * rng.normal(size=n)
    return np.stack([1013 + p, wave], 1)


class PressureLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 40, batch_first=True)
        self.head = nn.Linear(40, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.head(out[:, -1])[:, 0]


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    book = logbook(seed)
    starts = np.arange(len(book) - 36)
    target = np.array([book[s + 32, 0] - book[s + 29, 0] for s in starts])
    target = target / target[:2300].std()
    if not sick:
        book = (book - book[:2300].mean(0)) / book[:2300].std(0)
    windows = torch.tensor(np.stack([book[s : s + 30] for s in starts]), dtype=torch.float32)
    target = torch.tensor(target, dtype=torch.float32)
    model = PressureLSTM()
    criterion = nn.SmoothL1Loss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(10):
        for idx in torch.randperm(2300).split(50):
            loss = criterion(model(windows[idx]), target[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        err = ((model(windows[2340:]) - target[2340:]) ** 2).mean() / target[2340:].var()
    return float((1 - err).clamp(0, 1))


PROGRAM = Program(train, causes=("input_not_normalised",))
