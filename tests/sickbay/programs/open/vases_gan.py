"""A GAN draws the outlines of vases from noise."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program

H = torch.linspace(0, 1, 24)


def vases(n):
    belly = 0.5 + 0.3 * torch.rand(n, 1)
    where = 0.3 + 0.3 * torch.rand(n, 1)
    neck = 0.15 + 0.15 * torch.rand(n, 1)
    outline = neck + (belly - neck) * torch.exp(-((H - where) ** 2) / 0.05)
    return (outline - 0.4) / 0.2


def energy_distance(a, b):
    return 2 * torch.cdist(a, b).mean() - torch.cdist(a, a).mean() - torch.cdist(b, b).mean()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    G = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 24))
    D = nn.Sequential(nn.Linear(24, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
    g_opt = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.9))
    d_opt = torch.optim.Adam(D.parameters(), lr=2e-3, betas=(0.5, 0.9))
    run.watch(G, g_opt, name="generator")
    run.watch(D, d_opt, name="discriminator")

    for step in range(800):
        real = vases(128)
        fake = G(torch.randn(128, 8))
        d_loss = F.softplus(-D(real)).mean() + F.softplus(D(fake.detach())).mean()
        d_opt.zero_grad()
        d_loss.backward()
        d_opt.step()

        g_loss = F.softplus(-D(G(torch.randn(128, 8)))).mean()
        g_opt.zero_grad()
        g_loss.backward()
        g_opt.step()
        run.log({"d_loss": d_loss.item(), "g_loss": g_loss.item()})

    with torch.no_grad():
        drawn, real, plain = G(torch.randn(1000, 8)), vases(1000), torch.randn(1000, 24)
        return max(0.0, 1 - (energy_distance(drawn, real) / energy_distance(plain, real)).item())


PROGRAM = Program(train)
