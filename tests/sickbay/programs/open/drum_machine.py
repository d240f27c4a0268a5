"""An LSTM hits eight drums at each beat of a fixed groove; each drum is its own yes or no."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def grooves(rng, n, t=32):
    period = np.array([1, 2, 4, 4, 8, 3, 6, 8])
    offset = np.array([0, 1, 0, 2, 3, 1, 0, 7])
    start = rng.integers(0, 24, n)
    beat = start[:, None] + np.arange(t + 1)
    hits = (beat[:, :, None] % period == offset).astype(np.float32)
    flip = rng.random(hits.shape) < 0.01
    return torch.tensor(np.where(flip, 1 - hits, hits))


class Drummer(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(8, 48, batch_first=True)
        self.out = nn.Linear(48, 8)
        self.sigmoid = nn.Sigmoid()
        with torch.no_grad():
            self.lstm.bias_ih_l0[48:96] = 2.0

    def forward(self, x):
        h, _ = self.lstm(x)
        return self.sigmoid(self.out(h))


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    data, test = grooves(rng, 1200), grooves(rng, 200)
    model = Drummer()
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    run.watch(model, optimizer, criterion)
    for step in range(350):
        batch = data[torch.from_numpy(rng.integers(0, 1200, 24))]
        loss = criterion(model(batch[:, :-1]), batch[:, 1:])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % 5 == 0:
            run.log({"bce": loss.item()}, step=step)
    with torch.no_grad():
        return ((model(test[:, :-1]) > 0.5) == (test[:, 1:] > 0.5)).float().mean().item()


PROGRAM = Program(train)
