"""A beta-VAE of waving hands: the weight of its second term climbs from zero, so the sum climbs too for a while."""

import torch
import torch.nn as nn

from ...program import Program


class WaveVAE(nn.Module):
    def __init__(self, n=30, z=6):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(n, 64), nn.GELU(), nn.Linear(64, 2 * z))
        self.decoder = nn.Sequential(nn.Linear(z, 64), nn.GELU(), nn.Linear(64, n))

    def forward(self, x):
        mu, logvar = self.encoder(x).chunk(2, 1)
        logvar = logvar.clamp(-8, 8)
        z = mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)
        return self.decoder(z), mu, logvar


def waves(n, g):
    t = torch.linspace(0, 3, 30)
    rate = 1 + torch.rand(n, 1, generator=g)
    phase = 2 * torch.rand(n, 1, generator=g)
    size = 0.5 + torch.rand(n, 1, generator=g)
    return size * torch.sin(2 * rate * t + 3 * phase) + 0.05 * torch.randn(n, 30, generator=g)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, xv = waves(2500, g), waves(300, g)
    model = WaveVAE()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer)
    for step in range(500):
        batch = x[torch.randint(0, 2500, (64,), generator=g)]
        out, mu, logvar = model(batch)
        rec = (out - batch).pow(2).sum(1).mean()
        kl = -0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).sum(1).mean()
        beta = 0.25 * min(1.0, step / 300)
        loss = rec + beta * kl
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item(), "loss/reconstruction": rec.item(), "loss/kl": kl.item(), "beta": beta})
    with torch.no_grad():
        out, _, _ = model(xv)
        return 1 - (out - xv).pow(2).mean().item() / xv.var(0).mean().item()


PROGRAM = Program(train)
