"""A convolutional VAE with Bernoulli pixels, summed over pixels, and KL annealing."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

from ...program import Program


class ConvVAE(nn.Module):
    def __init__(self, z=6):
        super().__init__()
        self.enc = nn.Sequential(
            nn.Conv2d(1, 16, 3, 2, 1),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(128, 2 * z),
        )
        self.dec = nn.Sequential(
            nn.Linear(z, 128), nn.ReLU(), nn.Unflatten(1, (32, 2, 2)), nn.ConvTranspose2d(32, 16, 2, 2), nn.ReLU(),
            nn.ConvTranspose2d(16, 1, 2, 2),
        )  # fmt: skip

    def forward(self, x, beta):
        mu, logvar = self.enc(x).chunk(2, 1)
        z = mu + torch.randn_like(mu) * (0.5 * logvar).exp()
        logits = self.dec(z)
        rec = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum((1, 2, 3)).mean()
        kl = -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(1).mean()
        return rec + beta * kl, rec, kl, logits


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    x = torch.tensor(load_digits().images).float()[:, None] / 16
    model = ConvVAE()
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, opt)
    for step in range(350):
        xb = x[torch.randint(0, 1500, (64,))]
        loss, rec, kl, _ = model(xb, min(1.0, step / 200) * 0.5)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        run.log({"loss": loss, "rec": rec, "kl": kl})
    with torch.no_grad():
        logits = model(x[1500:], 0.0)[3]
    return 1 - (logits.sigmoid() - x[1500:]).pow(2).mean().item() / (x[1500:] - x[:1500].mean(0)).pow(2).mean().item()


PROGRAM = Program(train)
