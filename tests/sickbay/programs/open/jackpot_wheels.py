"""A GRU learns what little can be known of a worn gambling wheel: some numbers follow others a bit too often."""

import numpy as np
import torch
from torch import nn

from ...program import Program

SLOTS, SPINS = 12, 15


def wheel():
    tilt = np.random.default_rng(21).standard_normal((SLOTS, SLOTS))
    p = np.exp(0.7 * tilt)
    return p / p.sum(1, keepdims=True)


def evenings(rng, n, p):
    spins = np.zeros((n, SPINS + 1), dtype=np.int64)
    spins[:, 0] = rng.integers(0, SLOTS, n)
    edges = p.cumsum(1)
    for t in range(SPINS):
        spins[:, t + 1] = (rng.random((n, 1)) > edges[spins[:, t]]).sum(1).clip(max=SLOTS - 1)
    return torch.tensor(spins)


class Gambler(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(SLOTS, 16)
        self.gru = nn.GRU(16, 32, batch_first=True)
        self.odds = nn.Linear(32, SLOTS)

    def forward(self, spins):
        return self.odds(self.gru(self.embed(spins))[0])


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    p = wheel()
    past, future = evenings(rng, 2400, p), evenings(rng, 600, p)
    model = Gambler()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(4):
        for idx in torch.randperm(len(past)).split(16):
            spins = past[idx]
            loss = criterion(model(spins[:, :-1]).flatten(0, 1), spins[:, 1:].flatten())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            val = criterion(model(future[:, :-1]).flatten(0, 1), future[:, 1:].flatten()).item()
        run.log({"val_loss": val})
    before, after = future[:, :-1].flatten(), future[:, 1:].flatten()
    floor = -torch.tensor(np.log(p))[before, after].mean().item()
    return float(np.clip((np.log(SLOTS) - val) / (np.log(SLOTS) - floor), 0, 1))


PROGRAM = Program(train)
