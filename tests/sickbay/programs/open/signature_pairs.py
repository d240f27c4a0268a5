"""A siamese network on pairs of signatures: distance of embeddings and the contrastive loss."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

from ...program import Program


class Branch(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 12))

    def forward(self, x):
        return self.net(x)


def distance(a, b, sick):
    squared = (a - b).pow(2).sum(1)
    return torch.sqrt(squared) if sick else torch.sqrt(squared + 1e-8)


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    d = load_digits()
    x, y = torch.tensor(d.data).float() / 16, torch.tensor(d.target)
    groups = [torch.nonzero(y[:1500] == c).flatten() for c in range(10)]
    model = Branch()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer)
    for step in range(300):
        first = torch.randint(0, 1500, (48,))
        same = torch.rand(48) < 0.5
        second = torch.randint(0, 1500, (48,))
        for k in range(48):
            if same[k]:
                group = groups[y[first[k]]]
                second[k] = group[torch.randint(len(group), (1,))]
        same = (y[first] == y[second]).float()
        dist = distance(model(x[first]), model(x[second]), sick)
        loss = (same * dist.pow(2) + (1 - same) * F.relu(1.0 - dist).pow(2)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        known, asked = model(x[:1500]), model(x[1500:])
        nearest = torch.cdist(asked, known).argmin(1)
    return (y[nearest] == y[1500:]).float().mean().item() if bool(asked.isfinite().all()) else 0.0


PROGRAM = Program(train, causes=("unstable_loss",), onset=7)
