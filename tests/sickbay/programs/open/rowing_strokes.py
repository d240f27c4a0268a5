"""A rower's stroke rate and boat class from an oar's force curve, two tasks on one GRU."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

from ...program import Program


def oars(rng, n, length=32):
    rate = rng.uniform(1.5, 4.5, n)
    boat = rng.integers(0, 3, n)
    t = np.linspace(0, 1, length)
    phase = 2 * np.pi * (rate[:, None] * t + rng.random((n, 1)))
    force = np.sin(phase) + np.array([0.0, 0.5, -0.5])[boat][:, None] * np.cos(2 * phase)
    angle = np.cos(phase)
    x = np.stack([force, angle], -1) + rng.normal(0, 0.2, (n, length, 2))
    x = (x - x.mean((0, 1))) / x.std((0, 1))
    rate = (rate - rate.mean()) / rate.std()
    return [torch.tensor(x, dtype=torch.float32), torch.tensor(rate, dtype=torch.float32), torch.tensor(boat)]


class StrokeNet(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.gru = nn.GRU(2, hidden, batch_first=True)
        self.rate_head = nn.Sequential(nn.Linear(hidden, 16), nn.ReLU(), nn.Linear(16, 1))
        self.boat_head = nn.Linear(hidden, 3)

    def forward(self, x):
        states, _ = self.gru(x)
        z = states.mean(1)
        return self.rate_head(z).squeeze(1), self.boat_head(z)


def train(run, *, sick=False, seed=0):
    torch.manual_seed(seed)
    data = TensorDataset(*oars(np.random.default_rng(seed), 3000))
    fit, held_out = random_split(data, [2500, 500])
    loader = DataLoader(fit, batch_size=50, shuffle=True)
    model = StrokeNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    run.watch(model, optimizer)
    for epoch in range(8):
        for x, rate, boat in loader:
            rate_hat, boat_hat = model(x)
            rate_loss = nn.functional.smooth_l1_loss(rate_hat, rate)
            boat_loss = nn.functional.cross_entropy(boat_hat, boat)
            loss = rate_loss + boat_loss
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            run.log({"loss": loss.item(), "loss/rate": rate_loss.item(), "loss/boat": boat_loss.item()})
    x, rate, boat = (torch.stack(column) for column in zip(*held_out, strict=True))
    with torch.no_grad():
        rate_hat, boat_hat = model(x)
    explained = 1 - ((rate_hat - rate) ** 2).mean().item() / rate.var().item()
    return 0.5 * max(0.0, explained) + 0.5 * (boat_hat.argmax(1) == boat).float().mean().item()


PROGRAM = Program(train)
