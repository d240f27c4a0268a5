"""Contrastive learning of pairs of views (NT-Xent), judged by nearest neighbours."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

from ...program import Program


def view(x):
    shift = torch.randint(-1, 2, (2,)).tolist()
    x = torch.roll(x, shift, (1, 2))
    x = x * (torch.rand(len(x), 8, 8) > 0.15)
    return (x + 0.1 * torch.randn_like(x)).flatten(1)


class NTXentLoss(nn.Module):
    def __init__(self, temperature=0.3):
        super().__init__()
        self.temperature = temperature

    def forward(self, a, b):
        z = F.normalize(torch.cat([a, b]), dim=1)
        sim = z @ z.t() / self.temperature
        sim = sim.masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
        n = len(a)
        return F.cross_entropy(sim, torch.cat([torch.arange(n) + n, torch.arange(n)]))


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    d = load_digits()
    x, y = torch.tensor(d.images).float() / 8 - 1, torch.tensor(d.target)
    encoder = nn.Sequential(nn.Linear(64, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Linear(128, 64))
    projector = nn.Sequential(nn.ReLU(), nn.Linear(64, 32))
    model = nn.Sequential(encoder, projector)
    criterion = NTXentLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-4)
    run.watch(model, optimizer, criterion)
    for step in range(300):
        batch = x[torch.randint(0, 1500, (96,))]
        loss = criterion(model(view(batch)), model(view(batch)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    encoder.eval()
    with torch.no_grad():
        h = F.normalize(encoder(x.flatten(1)), dim=1)
        nearest = (h[1500:] @ h[:1500].t()).argmax(1)
    return (y[nearest] == y[1500:]).float().mean().item()


PROGRAM = Program(train)
