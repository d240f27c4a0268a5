"""A convolutional variational autoencoder of small pictures of ellipses."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program

SIDE = 16


def ellipses(n):
    yy, xx = torch.meshgrid(torch.arange(SIDE), torch.arange(SIDE), indexing="ij")
    cx, cy = 5 + 6 * torch.rand(2, n, 1, 1)
    a, b = 2 + 3 * torch.rand(2, n, 1, 1)
    r = ((xx - cx) / a) ** 2 + ((yy - cy) / b) ** 2
    return torch.sigmoid(6 * (1 - r))[:, None]


class VAE(nn.Module):
    def __init__(self, latent=8):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 16, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(512, 64),
            nn.ReLU(),
        )
        self.to_mu = nn.Linear(64, latent)
        self.to_logvar = nn.Linear(64, latent)
        self.decoder = nn.Sequential(
            nn.Linear(latent, 64),
            nn.ReLU(),
            nn.Linear(64, 512),
            nn.ReLU(),
            nn.Unflatten(1, (32, 4, 4)),
            nn.ConvTranspose2d(32, 16, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 1, 4, stride=2, padding=1),
        )

    def forward(self, x):
        h = self.encoder(x)
        mu, logvar = self.to_mu(h), self.to_logvar(h)
        z = mu + torch.randn_like(mu) * (0.5 * logvar).exp()
        return self.decoder(z), mu, logvar


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    pictures = ellipses(2400)
    train_x, test_x = pictures[:2000], pictures[2000:]
    vae = VAE()
    opt = torch.optim.Adam(vae.parameters(), lr=2e-3)
    run.watch(vae, opt)

    for epoch in range(14):
        for batch in train_x[torch.randperm(2000)].split(50):
            logits, mu, logvar = vae(batch)
            rec = F.binary_cross_entropy_with_logits(logits, batch, reduction="sum") / len(batch)
            kl = -0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).sum(1).mean()
            loss = rec + kl
            opt.zero_grad()
            loss.backward()
            opt.step()
            run.log({"elbo": loss.item(), "reconstruction": rec.item(), "kl": kl.item()})

    vae.eval()
    with torch.no_grad():
        mu = vae.to_mu(vae.encoder(test_x))
        seen = torch.sigmoid(vae.decoder(mu))
        left = F.mse_loss(seen, test_x) / F.mse_loss(train_x.mean(0).expand_as(test_x), test_x)
    return 1 - left.item()


PROGRAM = Program(train)
