"""A denoising diffusion model of two moons: the loss has a high floor and is noisy."""

import torch
from sklearn.datasets import make_moons
from torch import nn

from ...program import Program

T = 40
BETAS = torch.linspace(1e-3, 0.15, T)
ALPHA_BAR = torch.cumprod(1 - BETAS, 0)


class Denoiser(nn.Module):
    def __init__(self):
        super().__init__()
        self.time = nn.Embedding(T, 16)
        self.net = nn.Sequential(nn.Linear(18, 96), nn.SiLU(), nn.Linear(96, 96), nn.SiLU(), nn.Linear(96, 2))

    def forward(self, x, t):
        return self.net(torch.cat([x, self.time(t)], 1))


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    data = torch.tensor(make_moons(2000, noise=0.05, random_state=0)[0]).float()
    data = (data - data.mean(0)) / data.std(0)
    model = Denoiser()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for step in range(500):
        x = data[torch.randint(0, 1600, (64,))]
        t = torch.randint(0, T, (64,))
        noise = torch.randn_like(x)
        a = ALPHA_BAR[t][:, None]
        loss = criterion(model(a.sqrt() * x + (1 - a).sqrt() * noise, t), noise)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        x = data[1600:].repeat(5, 1)
        t = torch.randint(0, T, (len(x),))
        noise = torch.randn_like(x)
        a = ALPHA_BAR[t][:, None]
        return 1 - (model(a.sqrt() * x + (1 - a).sqrt() * noise, t) - noise).pow(2).mean().item()


PROGRAM = Program(train)
