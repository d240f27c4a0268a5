"""How late a bus will be and how sure one may be of it, from its last dozen stops: an encoder with two heads."""

import math

import torch
from torch import nn

from ...program import Program


def journeys(n, g):
    traffic = torch.randn(n, 12, 3, generator=g)
    weight = torch.linspace(0.1, 1.0, 12)
    late = (traffic[..., 0] * weight).sum(1) / 2 + 0.6 * traffic[:, -3:, 1].sum(1)
    spread = 0.1 + 0.3 * torch.sigmoid(2 * traffic[..., 2].mean(1) * 3)
    late = late + spread * torch.randn(n, generator=g)
    return traffic, (late - late.mean()) / late.std()


class Delay(nn.Module):
    def __init__(self, positive, dim=24):
        super().__init__()
        self.lift = nn.Linear(3, dim)
        self.place = nn.Parameter(0.02 * torch.randn(12, dim))
        layer = nn.TransformerEncoderLayer(dim, 4, 48, dropout=0.0, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.mean, self.variance = nn.Linear(dim, 1), nn.Linear(dim, 1)
        self.positive = positive

    def forward(self, x):
        h = self.encoder(self.lift(x) + self.place)[:, -1]
        return self.mean(h).squeeze(1), self.positive(self.variance(h).squeeze(1))


def gaussian_nll(mean, variance, y):
    return (0.5 * torch.log(2 * math.pi * variance) + (y - mean) ** 2 / (2 * variance)).mean()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(100 + seed)
    traffic, late = journeys(2600, g)
    model = Delay(torch.relu if sick else lambda v: nn.functional.softplus(v) + 1e-3)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer)
    for step in range(400):
        rows = torch.randint(0, 2200, (32,), generator=g)
        mean, variance = model(traffic[rows])
        loss = gaussian_nll(mean, variance, late[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item(), "variance": variance.mean().item()}, step=step)
    model.eval()
    with torch.no_grad():
        mean, _ = model(traffic[2200:])
        r2 = 1 - (mean - late[2200:]).pow(2).mean().item() / late[2200:].var().item()
    return max(0.0, r2) if math.isfinite(r2) else 0.0


PROGRAM = Program(train, causes=("unstable_loss",), by_definition=True)
