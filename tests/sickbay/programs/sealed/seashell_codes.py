"""Variational autoencoder of seashell outlines: the KL term grows over the first hundred steps."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


class VAE(nn.Module):
    def __init__(self, n=40, z=6):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(n, 64), nn.SiLU())
        self.mu, self.logvar = nn.Linear(64, z), nn.Linear(64, z)
        self.dec = nn.Sequential(nn.Linear(z, 64), nn.SiLU(), nn.Linear(64, n))

    def forward(self, x):
        h = self.enc(x)
        mu, logvar = self.mu(h), self.logvar(h)
        z = mu + torch.randn_like(mu) * (0.5 * logvar).exp()
        return self.dec(z), mu, logvar


def shells(n, g):
    angle = torch.linspace(0, 6.28, 40)
    k = torch.randn(n, 4, 1, generator=g)
    r = k[:, 0] * angle.cos() + k[:, 1] * angle.sin() + 0.7 * k[:, 2] * (2 * angle).sin() + 0.5 * k[:, 3]
    return r + 0.15 * torch.randn(n, 40, generator=g)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, x_val = shells(3000, g), shells(300, g)
    model = VAE()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer)
    step = 0
    for epoch in range(8):
        for rows in torch.randperm(3000, generator=g).split(64):
            beta = min(1.0, step / 100)
            out, mu, logvar = model(x[rows])
            recon = F.mse_loss(out, x[rows], reduction="none").sum(1).mean() / (2 * 0.15)
            kl = -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(1).mean()
            loss = recon + beta * kl
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            run.log({"loss": loss.item(), "loss/recon": recon.item(), "loss/kl": kl.item(), "beta": beta})
    with torch.no_grad():
        return 1 - ((model(x_val)[0] - x_val) ** 2).mean().item() / x_val.var(0).mean().item()


PROGRAM = Program(train)
