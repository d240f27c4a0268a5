"""Click-through rates; the likelihood is written out as in the lecture."""

import torch
from torch import nn

from ...program import Program


class ClickModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(12, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 1))

    def forward(self, x):
        return torch.sigmoid(self.net(x)).squeeze(-1)


def train(run, *, sick, seed):
    gen = torch.Generator().manual_seed(seed)
    x = torch.randn(3000, 12, generator=gen) * 1.5
    w = torch.randn(12, generator=gen)
    y = ((x @ w) * 2 + x[:, 0] * x[:, 1] > 0).float()
    eps = 0.0 if sick else 1e-6
    model = ClickModel()
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    run.watch(model, optimizer)
    for step in range(450):
        i = torch.randint(2400, (64,), generator=gen)
        p = model(x[i]).clamp(eps, 1 - eps)
        loss = -(y[i] * torch.log(p) + (1 - y[i]) * torch.log(1 - p)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss})
    with torch.no_grad():
        p = model(x[2400:])
        return ((p > 0.5).float() == y[2400:]).float()[torch.isfinite(p)].sum().item() / 600


PROGRAM = Program(train, causes=("unstable_loss",), onset=20)
