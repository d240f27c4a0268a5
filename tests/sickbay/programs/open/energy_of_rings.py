"""An energy model: low on a ring of points, high elsewhere; the loss is a difference and goes below zero."""

import math

import torch
from torch import nn

from ...program import Program


def ring(n, g):
    angle = 2 * math.pi * torch.rand(n, generator=g)
    r = 1.5 + 0.1 * torch.randn(n, generator=g)
    return torch.stack([r * angle.cos(), r * angle.sin()], 1)


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    energy = nn.Sequential(nn.Linear(2, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 1))
    opt = torch.optim.Adam(energy.parameters(), lr=5e-3)
    run.watch(energy, opt)
    for step in range(400):
        positive = ring(128, g)
        negative = 5 * torch.rand(128, 2, generator=g) - 2.5
        e_pos, e_neg = energy(positive), energy(negative)
        loss = e_pos.mean() - e_neg.mean() + 0.1 * (e_pos**2 + e_neg**2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.log({"loss": loss})
    with torch.no_grad():
        low, high = energy(ring(500, g)), energy(5 * torch.rand(500, 2, generator=g) - 2.5)
        return (low < high).float().mean().item()


PROGRAM = Program(train)
