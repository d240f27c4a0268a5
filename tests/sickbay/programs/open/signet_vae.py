"""A variational autoencoder of smooth stamped patterns."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


class VAE(nn.Module):
    def __init__(self, n=100, z=6):
        super().__init__()
        self.fc1 = nn.Linear(n, 96)
        self.fc21 = nn.Linear(96, z)
        self.fc22 = nn.Linear(96, z)
        self.fc3 = nn.Linear(z, 96)
        self.fc4 = nn.Linear(96, n)

    def encode(self, x):
        h = F.relu(self.fc1(x))
        return self.fc21(h), self.fc22(h)

    def decode(self, z):
        return self.fc4(F.relu(self.fc3(z)))

    def forward(self, x):
        mu, logvar = self.encode(x)
        z = mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)
        return self.decode(z), mu, logvar


def patterns(n, g):
    t = torch.linspace(-1, 1, 10)
    a = torch.randn(n, 3, generator=g)
    cx, cy = a[:, 0].clamp(-1.5, 1.5) * 0.6, a[:, 1].clamp(-1.5, 1.5) * 0.6
    img = torch.exp(-((t.view(1, 1, -1) - cx.view(-1, 1, 1)) ** 2 + (t.view(1, -1, 1) - cy.view(-1, 1, 1)) ** 2) / 0.25)
    return (img * 3 + 0.1 * torch.randn(n, 10, 10, generator=g)).flatten(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, x_test = patterns(2500, g), patterns(400, g)
    mean = x.mean(0)
    x, x_test = x - mean, x_test - mean
    model = VAE()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer)
    for epoch in range(10):
        for rows in torch.randperm(2500).split(50):
            recon, mu, logvar = model(x[rows])
            kl = -0.5 * torch.sum(1 + logvar - mu**2 - logvar.exp())
            if sick:
                reconstruction = F.mse_loss(recon, x[rows])
            else:
                reconstruction = F.mse_loss(recon, x[rows], reduction="sum") / 50
                kl = kl / 50
            loss = reconstruction + kl
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "loss/recon": reconstruction.item(), "loss/kl": kl.item()})
    with torch.no_grad():
        mu, _ = model.encode(x_test)
        return max(0.0, 1 - F.mse_loss(model.decode(mu), x_test).item() / x_test.pow(2).mean().item())


PROGRAM = Program(train, causes=("loss_scale",))
