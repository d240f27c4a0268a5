"""A generative adversarial net for points on a lace pattern; both of its losses use the same fake batch."""

import math

import torch
import torch.nn as nn

from ...program import Program


def lace(n, g):
    k = torch.randint(0, 6, (n,), generator=g).float()
    angle = 2 * math.pi * k / 6
    return torch.stack([angle.cos(), angle.sin()], 1) * 1.2 + 0.08 * torch.randn(n, 2, generator=g)


def near(points):
    angle = 2 * math.pi * torch.arange(6) / 6
    knots = torch.stack([angle.cos(), angle.sin()], 1) * 1.2
    distance = torch.cdist(points, knots)
    close = distance.min(1)
    good = close.values < 0.35
    used = torch.bincount(close.indices[good], minlength=6) > len(points) * 0.02
    return good.float().mean().item() * used.float().mean().item()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    G = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
    D = nn.Sequential(nn.Linear(2, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
    opt_d = torch.optim.Adam(D.parameters(), lr=2e-3, betas=(0.5, 0.9))
    opt_g = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.9))
    bce = nn.BCEWithLogitsLoss()
    run.watch(D, opt_d, bce, name="discriminator")
    run.watch(G, opt_g, name="generator")
    ones, zeros = torch.ones(128, 1), torch.zeros(128, 1)
    for step in range(600):
        real = lace(128, g)
        fake = G(torch.randn(128, 8))
        if sick:
            fake = fake.detach()
        loss_d = bce(D(real), ones) + bce(D(fake.detach()), zeros)
        opt_d.zero_grad()
        loss_d.backward()
        opt_d.step()
        loss_g = bce(D(fake), ones)
        opt_g.zero_grad()
        loss_g.backward()
        opt_g.step()
        run.log({"loss/d": loss_d.item(), "loss/g": loss_g.item()})
    with torch.no_grad():
        return near(G(torch.randn(2000, 8)))


PROGRAM = Program(train, causes=("no_gradient",), by_definition=True)
