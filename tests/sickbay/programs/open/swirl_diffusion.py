"""A little diffusion model learns to draw points of a spiral."""

import copy
import math

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program

T = 100


def swirl(n):
    t = 1.5 * math.pi * (1 + 2 * torch.rand(n).sqrt())
    points = torch.stack([t * torch.cos(t), t * torch.sin(t)], 1) / 7
    return points + 0.03 * torch.randn(n, 2)


class Denoiser(nn.Module):
    def __init__(self, hidden=128):
        super().__init__()
        self.register_buffer("freqs", torch.exp(torch.linspace(0, math.log(200), 16)))
        self.time = nn.Sequential(nn.Linear(32, hidden), nn.SiLU())
        self.inp = nn.Linear(2, hidden)
        self.mid = nn.ModuleList([nn.Linear(hidden, hidden) for _ in range(3)])
        self.out = nn.Linear(hidden, 2)

    def forward(self, x, t):
        angle = (t.float() / T)[:, None] * self.freqs
        emb = self.time(torch.cat([angle.sin(), angle.cos()], 1))
        h = self.inp(x)
        for layer in self.mid:
            h = h + layer(F.silu(h + emb))
        return self.out(F.silu(h))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    data = swirl(8000)
    betas = torch.linspace(1e-4, 0.1, T)
    alphas = 1 - betas
    abar = alphas.cumprod(0)
    model = Denoiser()
    ema = copy.deepcopy(model)
    opt = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=1e-4)
    steps = 800
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=6e-3, total_steps=steps)
    criterion = nn.MSELoss()
    run.watch(model, opt, criterion)
    for step in range(steps):
        x0 = data[torch.randint(len(data), (512,))]
        t = torch.randint(T, (512,))
        noise = torch.randn_like(x0)
        xt = abar[t, None].sqrt() * x0 + (1 - abar[t, None]).sqrt() * noise
        loss = criterion(model(xt, t), noise)
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        with torch.no_grad():
            for slow, fast in zip(ema.parameters(), model.parameters()):
                slow.lerp_(fast, 0.02)
        run.log({"loss": loss.item()})

    with torch.no_grad():
        x = torch.randn(1000, 2)
        for i in reversed(range(T)):
            eps = ema(x, torch.full((1000,), i))
            x = (x - betas[i] / (1 - abar[i]).sqrt() * eps) / alphas[i].sqrt()
            if i:
                x = x + betas[i].sqrt() * torch.randn_like(x)
        near = torch.cdist(x, swirl(3000)).min(1).values
    return (near < 0.12).float().mean().item()


PROGRAM = Program(train)
