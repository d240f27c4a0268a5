"""A GAN on eight Gaussians in a ring, two optimizers, both networks watched."""

import math

import torch
import torch.nn as nn

from ...program import Program


def real(n):
    angle = torch.randint(0, 8, (n,)).float() * math.pi / 4
    return 2 * torch.stack([angle.cos(), angle.sin()], 1) + 0.1 * torch.randn(n, 2)


def mlp(i, o):
    return nn.Sequential(nn.Linear(i, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, o))


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    netG, netD = mlp(8, 2), mlp(2, 1)
    optG = torch.optim.Adam(netG.parameters(), lr=1e-3, betas=(0.5, 0.999))
    optD = torch.optim.Adam(netD.parameters(), lr=1e-3, betas=(0.5, 0.999))
    criterion = nn.BCEWithLogitsLoss()
    run.watch(netG, optG, name="G")
    run.watch(netD, optD, name="D")
    ones, zeros = torch.ones(64, 1), torch.zeros(64, 1)
    for it in range(500):
        fake = netG(torch.randn(64, 8))
        d_loss = criterion(netD(real(64)), ones) + criterion(netD(fake.detach()), zeros)
        optD.zero_grad()
        d_loss.backward()
        optD.step()
        g_loss = criterion(netD(fake), ones)
        optG.zero_grad()
        g_loss.backward()
        optG.step()
        run.log({"loss_D": d_loss.item(), "loss_G": g_loss.item()})
    with torch.no_grad():
        radius = netG(torch.randn(500, 8)).norm(dim=1)
    return ((radius - 2).abs() < 0.8).float().mean().item()


PROGRAM = Program(train)
