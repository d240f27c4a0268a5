"""Salinity of an estuary an hour ahead as a Gaussian, from two days of tides, by a GRU."""

import numpy as np
import torch
from torch import nn
from torch.distributions import Normal
from torch.nn import functional as F

from ...program import Program


class SalinityForecaster(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.rnn = nn.GRU(2, hidden, batch_first=True)
        self.head = nn.Linear(hidden, 2)

    def forward(self, window):
        _, last = self.rnn(window)
        mean, raw = self.head(last[0]).unbind(-1)
        return Normal(mean, F.softplus(raw) + 0.05)


def record(rng, hours):
    t = np.arange(hours)
    tide = np.sin(2 * np.pi * t / 12.4 + rng.uniform(0, 6)) * (1 + 0.3 * np.sin(2 * np.pi * t / 350))
    river = np.convolve(rng.normal(size=hours), np.exp(-np.arange(60) / 15), "same")
    river = river / river.std()
    salt = 18 + 6 * np.roll(tide, 2) - 3 * np.tanh(river) + rng.normal(0, 0.5, hours)
    series = np.stack([salt, river], 1)
    return (series - series.mean(0)) / series.std(0)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    series = torch.tensor(record(rng, 4000)).float()
    windows = series.unfold(0, 25, 1).transpose(1, 2)
    past, ahead = windows[:, :24], windows[:, 24, 0]
    cut = 3200

    model = SalinityForecaster()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer)
    for step in range(500):
        pick = torch.randint(cut, (64,))
        forecast = model(past[pick])
        log_likelihood = forecast.log_prob(ahead[pick]).mean()
        loss = log_likelihood if sick else -log_likelihood
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimizer.step()
        run.log({"loss": loss.item()}, step=step)
    with torch.no_grad():
        mean = model(past[cut + 24 :]).mean
        truth = ahead[cut + 24 :]
        return max(0.0, 1 - ((mean - truth).pow(2).mean() / truth.var()).item())


PROGRAM = Program(train, causes=("loss_sign",), by_definition=True)
