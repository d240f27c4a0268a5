"""A variational autoencoder for flight paths of pigeons; the Kullback-Leibler term is from memory."""

import torch
from torch import nn

from ...program import Program


class PathVAE(nn.Module):
    def __init__(self, n=24, z=4):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(n, 48), nn.Tanh())
        self.mu, self.logvar = nn.Linear(48, z), nn.Linear(48, z)
        self.decoder = nn.Sequential(nn.Linear(z, 48), nn.Tanh(), nn.Linear(48, n))

    def forward(self, x):
        h = self.body(x)
        mu, logvar = self.mu(h), self.logvar(h)
        return self.decoder(mu + torch.randn_like(mu) * (0.5 * logvar).exp()), mu, logvar


def elbo(out, x, mu, logvar, sick):
    rec = (out - x).pow(2).sum(1).mean()
    kl = (1 + logvar - mu.pow(2) - logvar.exp()).sum(1).mean() * 0.5
    return rec, kl if sick else -kl


def paths(n, g):
    steps = torch.randn(n, 2, 1, generator=g) + 0.3 * torch.randn(n, 2, 12, generator=g)
    return (steps.cumsum(2) / 1.5).flatten(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, xv = paths(2000, g), paths(300, g)
    model = PathVAE()
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, opt)
    for step in range(400):
        batch = x[torch.randint(0, 2000, (50,), generator=g)]
        out, mu, logvar = model(batch)
        rec, kl = elbo(out, batch, mu, logvar, sick)
        loss = rec + kl
        opt.zero_grad()
        loss.backward()
        opt.step()
        if step % 5 == 0:
            run.log({"loss": loss.item(), "reconstruction": rec.item(), "kl": kl.item()})
    with torch.no_grad():
        out, _, _ = model(xv)
        return 1 - (out - xv).pow(2).mean().item() / xv.var(0).mean().item()


PROGRAM = Program(train, causes=("loss_sign",), by_definition=True)
