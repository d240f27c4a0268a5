"""A plain GAN on short brush strokes (curves of 16 points): Adam with beta1 of a half, one-sided label smoothing."""

import torch
import torch.nn as nn

from ...program import Program


def strokes(n, g):
    t = torch.linspace(0, 1, 16)
    a, b = torch.rand(2, n, 1, generator=g)
    return torch.tanh(2 * (a - 0.5) + 1.5 * torch.sin(3.14 * (t + b))) * 0.9


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    G = nn.Sequential(
        nn.Linear(8, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, 16), nn.Tanh()
    )
    D = nn.Sequential(nn.Linear(16, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
    opt_d = torch.optim.Adam(D.parameters(), lr=2e-3, betas=(0.5, 0.999))
    opt_g = torch.optim.Adam(G.parameters(), lr=5e-4, betas=(0.5, 0.999))
    bce = nn.BCEWithLogitsLoss()
    run.watch(D, opt_d, bce)
    run.watch(G, opt_g)
    for it in range(450):
        fake = G(torch.randn(64, 8))
        d_real, d_fake = D(strokes(64, g)), D(fake.detach())
        loss_d = bce(d_real, torch.full((64, 1), 0.9)) + bce(d_fake, torch.zeros(64, 1))
        opt_d.zero_grad()
        loss_d.backward()
        opt_d.step()
        loss_g = bce(D(fake), torch.ones(64, 1))
        opt_g.zero_grad()
        loss_g.backward()
        opt_g.step()
        run.log({"D/loss": loss_d.item(), "G/loss": loss_g.item(), "D/real": d_real.sigmoid().mean().item()})
    with torch.no_grad():
        real, fake = strokes(300, g), G(torch.randn(300, 8))
    gap = (real.mean(0) - fake.mean(0)).abs().mean() + (real.std(0) - fake.std(0)).abs().mean()
    return 1 - gap.item() / real.std(0).mean().item()


PROGRAM = Program(train)
