"""Diffusion on strokes of ink in the plane: noise is guessed, which can never be guessed wholly."""

import math

import torch
import torch.nn as nn

from ...program import Program

STEPS = 50


class NoiseNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.time = nn.Embedding(STEPS, 32)
        self.inp = nn.Linear(2, 96)
        self.to_h = nn.Linear(32, 96)
        self.body = nn.Sequential(
            nn.SiLU(), nn.Linear(96, 96), nn.SiLU(), nn.Linear(96, 96), nn.SiLU(), nn.Linear(96, 2)
        )

    def forward(self, x, t):
        return self.body(self.inp(x) + self.to_h(self.time(t)))


def strokes(n, g):
    t = torch.rand(n, generator=g) * 2 * math.pi
    return torch.stack([t.cos(), torch.sin(2 * t)], 1) * 1.2 + 0.04 * torch.randn(n, 2, generator=g)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    betas = torch.linspace(1e-3, 0.12, STEPS)
    bars = torch.cumprod(1 - betas, 0)
    net = NoiseNet()
    optimizer = torch.optim.AdamW(net.parameters(), lr=2e-3)
    run.watch(net, optimizer)
    for step in range(600):
        x0 = strokes(128, g)
        t = torch.randint(0, STEPS, (128,), generator=g)
        noise = torch.randn(128, 2, generator=g)
        a = bars[t][:, None]
        loss = (net(a.sqrt() * x0 + (1 - a).sqrt() * noise, t) - noise).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        x = torch.randn(500, 2)
        for k in reversed(range(STEPS)):
            guess = net(x, torch.full((500,), k))
            x = (x - betas[k] / (1 - bars[k]).sqrt() * guess) / (1 - betas[k]).sqrt()
            if k:
                x = x + betas[k].sqrt() * torch.randn(500, 2)
        return 1 - torch.cdist(x, strokes(1000, g)).min(1).values.mean().item()


PROGRAM = Program(train)
