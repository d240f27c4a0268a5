"""A GAN learns four clouds of points; both players are watched."""

import torch
from torch import nn

from ...program import Program


def real(n, g):
    corner = torch.tensor([[1.0, 1], [-1, 1], [1, -1], [-1, -1]])[torch.randint(4, (n,), generator=g)]
    return corner + 0.25 * torch.randn(n, 2, generator=g)


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    netG = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
    netD = nn.Sequential(nn.Linear(2, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
    criterion = nn.BCEWithLogitsLoss()
    optD = torch.optim.Adam(netD.parameters(), lr=2e-3, betas=(0.5, 0.999))
    optG = torch.optim.Adam(netG.parameters(), lr=1e-3, betas=(0.5, 0.999))
    run.watch(netG, optG, name="generator")
    run.watch(netD, optD, name="discriminator")
    one, zero = torch.ones(128, 1), torch.zeros(128, 1)
    for it in range(600):
        data, fake = real(128, g), netG(torch.randn(128, 4, generator=g))
        errD = criterion(netD(data), 0.9 * one) + criterion(netD(fake.detach()), zero)
        optD.zero_grad()
        errD.backward()
        optD.step()
        errG = criterion(netD(fake), one)
        optG.zero_grad()
        errG.backward()
        optG.step()
        run.log({"loss_D": errD.item(), "loss_G": errG.item()})
    with torch.no_grad():
        points = netG(torch.randn(1000, 4, generator=g))
    corners = torch.tensor([[1.0, 1], [-1, 1], [1, -1], [-1, -1]])
    distance, nearest = torch.cdist(points, corners).min(1)
    share = torch.bincount(nearest[distance < 0.6], minlength=4) / 1000
    return share.clamp(max=0.25).sum().item()


PROGRAM = Program(train)
