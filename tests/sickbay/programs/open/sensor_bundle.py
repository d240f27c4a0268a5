"""A transformer over bundles of sensor frames, each frame first brought to unit length."""

import math

import numpy as np
import torch
from torch import nn

from ...program import Program


class UnitLength(nn.Module):
    def __init__(self, dim, eps):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(dim))
        self.eps = eps

    def forward(self, x):
        length = torch.sqrt(torch.sum(x * x, dim=-1, keepdim=True))
        return self.gain * x / (length + self.eps) * x.shape[-1] ** 0.5


class BundleNet(nn.Module):
    def __init__(self, eps):
        super().__init__()
        self.unit = UnitLength(6, eps)
        self.embed = nn.Linear(6, 32)
        self.pos = nn.Parameter(0.02 * torch.randn(12, 32))
        layer = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(32, 4)

    def forward(self, x):
        return self.head(self.encoder(self.embed(self.unit(x)) + self.pos).mean(1))


def bundles(rng, n):
    kind = rng.integers(0, 4, n)
    x = rng.normal(size=(n, 12, 6))
    where = rng.integers(0, 9, n)
    for k in range(n):
        x[k, where[k] : where[k] + 3, kind[k]] += 2.6
    silent = rng.random(n) < 0.004
    x[silent, 3] = 0.0
    return torch.tensor(x, dtype=torch.float32), torch.tensor(kind)


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    x, y = bundles(rng, 2500)
    x_val, y_val = bundles(rng, 500)
    model = BundleNet(eps=0.0 if sick else 1e-6)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for step in range(300):
        idx = torch.from_numpy(rng.integers(0, len(x), 40))
        optimizer.zero_grad()
        loss = criterion(model(x[idx]), y[idx])
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        out = model(x_val)
    score = (out.argmax(1) == y_val).float().mean().item()
    return score if math.isfinite(out[0, 0].item()) else 0.25


PROGRAM = Program(train, causes=("unstable_layer",), by_definition=True, onset=1)
