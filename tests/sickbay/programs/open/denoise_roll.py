"""A diffusion model of a roll of points: the network predicts the noise."""

import torch
from sklearn.datasets import make_swiss_roll
from torch import nn

from ...program import Program


class Denoiser(nn.Module):
    def __init__(self, hidden=96):
        super().__init__()
        self.time = nn.Embedding(50, 16)
        self.net = nn.Sequential(
            nn.Linear(18, hidden), nn.SiLU(), nn.Linear(hidden, hidden), nn.SiLU(), nn.Linear(hidden, 2)
        )

    def forward(self, x, t):
        return self.net(torch.cat([x, self.time(t)], 1))


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    points, _ = make_swiss_roll(4000, noise=0.3, random_state=seed)
    data = torch.tensor(points[:, [0, 2]]).float()
    data = (data - data.mean(0)) / data.std(0)
    alpha_bar = torch.cumprod(1 - torch.linspace(1e-3, 0.15, 50), 0)
    model = Denoiser()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)

    def noised(x0, n):
        t = torch.randint(50, (n,), generator=g)
        noise = torch.randn(n, 2, generator=g)
        a = alpha_bar[t, None]
        return a.sqrt() * x0 + (1 - a).sqrt() * noise, t, noise

    for step in range(500):
        x, t, noise = noised(data[torch.randint(3500, (128,), generator=g)], 128)
        loss = criterion(model(x, t), noise)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        x, t, noise = noised(data[3500:], 500)
        return 1 - criterion(model(x, t), noise).item()


PROGRAM = Program(train)
