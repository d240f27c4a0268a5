"""A variational autoencoder of small digits; the model returns its own loss."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

from ...program import Program


class VAE(nn.Module):
    def __init__(self, latent=8):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 96), nn.ReLU())
        self.mu, self.logvar = nn.Linear(96, latent), nn.Linear(96, latent)
        self.decoder = nn.Sequential(nn.Linear(latent, 96), nn.ReLU(), nn.Linear(96, 64))

    def forward(self, x):
        h = self.encoder(x)
        mu, logvar = self.mu(h), self.logvar(h)
        z = mu + torch.randn_like(mu) * (0.5 * logvar).exp()
        out = self.decoder(z)
        bce = F.binary_cross_entropy_with_logits(out, x, reduction="none").sum(1).mean()
        kl = -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(1).mean()
        return out, bce + kl, {"bce": bce, "kl": kl}


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    x = torch.tensor(load_digits().data).float()[torch.randperm(1797, generator=g)] / 16
    vae = VAE()
    optimizer = torch.optim.Adam(vae.parameters(), lr=2e-3)
    run.watch(vae, optimizer)
    for step in range(450):
        batch = x[torch.randint(1500, (64,), generator=g)]
        _, loss, parts = vae(batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss, "loss/bce": parts["bce"], "loss/kl": parts["kl"]})
    with torch.no_grad():
        test = x[1500:]
        out, _, _ = vae(test)
        return 1 - ((out.sigmoid() - test) ** 2).mean().item() / ((test - x[:1500].mean(0)) ** 2).mean().item()


PROGRAM = Program(train)
