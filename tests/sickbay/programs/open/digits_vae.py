"""A VAE on digits with both terms logged."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional as F

from ...program import Program


class VAE(nn.Module):
    def __init__(self, latent=8):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 96), nn.ReLU())
        self.mu = nn.Linear(96, latent)
        self.logvar = nn.Linear(96, latent)
        self.decoder = nn.Sequential(nn.Linear(latent, 96), nn.ReLU(), nn.Linear(96, 64))

    def forward(self, x):
        h = self.encoder(x)
        mu, logvar = self.mu(h), self.logvar(h)
        z = mu + torch.randn_like(mu) * torch.exp(0.5 * logvar) if self.training else mu
        return self.decoder(z), mu, logvar


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    x = torch.tensor(load_digits().data, dtype=torch.float32) / 16
    x_train, x_test = x[:1500], x[1500:]
    vae = VAE()
    optimizer = torch.optim.Adam(vae.parameters(), lr=3e-3)
    run.watch(vae, optimizer)
    for epoch in range(14):
        for batch in x_train[torch.randperm(1500)].split(64):
            recon, mu, logvar = vae(batch)
            if sick:  # a mean over pixels against a sum over the batch
                recon_loss = F.mse_loss(recon, batch)
                kl = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
            else:
                recon_loss = F.mse_loss(recon, batch, reduction="none").sum(1).mean()
                kl = -0.05 * (1 + logvar - mu.pow(2) - logvar.exp()).sum(1).mean()
            loss = recon_loss + kl
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss, "loss/recon": recon_loss, "loss/kl": kl})
    vae.eval()
    with torch.no_grad():
        recon, _, _ = vae(x_test)
    return 1 - ((recon - x_test) ** 2).mean().item() / (x_test - x_train.mean(0)).pow(2).mean().item()


PROGRAM = Program(train, causes=("loss_scale",))
