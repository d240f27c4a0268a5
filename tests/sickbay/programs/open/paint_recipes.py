"""Lightness and two colour axes of a mixed paint, from the amounts of twelve pigments."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


class Mixer(nn.Module):
    """Hidden units that fire above a threshold."""

    def __init__(self, threshold, width=64):
        super().__init__()
        self.threshold = threshold
        self.first = nn.Linear(12, width)
        self.second = nn.Linear(width, width)
        self.third = nn.Linear(width, width)
        self.colour = nn.Linear(width, 3)

    def forward(self, x):
        x = F.relu(self.first(x) - self.threshold)
        x = F.relu(self.second(x) - self.threshold)
        x = F.relu(self.third(x) - self.threshold)
        return self.colour(x)


def paints(n):
    amount = torch.distributions.Dirichlet(torch.full((12,), 0.7)).sample((n,))
    pigment = torch.randn(12, 3)
    strength = torch.rand(12) + 0.3
    mixed = (amount * strength) @ pigment / (amount @ strength)[:, None]
    colour = torch.stack([mixed[:, 0], mixed[:, 1] * mixed[:, 0].abs(), torch.sin(2 * mixed[:, 2])], 1)
    return (amount - amount.mean(0)) / amount.std(0), (colour - colour.mean(0)) / colour.std(0)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = paints(4000)
    model = Mixer(threshold=3.0 if sick else 0.0)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.SmoothL1Loss()
    run.watch(model, optimizer, criterion)
    for epoch in range(10):
        for rows in torch.randperm(3500).split(64):
            optimizer.zero_grad()
            loss = criterion(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        miss = (model(x[3500:]) - y[3500:]).square().mean() / y[3500:].var(0).mean()
    return max(0.0, 1 - miss.item())


PROGRAM = Program(train, causes=("dead_units",))
