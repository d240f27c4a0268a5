"""Contrastive learning without labels: two noisy views of a digit are to find each other."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier
from torch import nn

from ...program import Program


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64))
        self.projector = nn.Sequential(nn.ReLU(), nn.Linear(64, 32))

    def forward(self, x):
        return F.normalize(self.projector(self.backbone(x)), dim=1)


def info_nce(a, b, temperature=0.2):
    logits = a @ b.T / temperature
    target = torch.arange(len(a))
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    d = load_digits()
    order = torch.randperm(len(d.target), generator=g)
    x, y = ((torch.tensor(d.data).float() - 4.9) / 6)[order], torch.tensor(d.target)[order]

    def view(batch):
        keep = torch.rand(batch.shape, generator=g) > 0.25
        return batch * keep + 0.3 * torch.randn(batch.shape, generator=g)

    model = Encoder()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-4)
    run.watch(model, optimizer)
    for step in range(300):
        b = x[torch.randint(1400, (128,), generator=g)]
        loss = info_nce(model(view(b)), model(view(b)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss})
    with torch.no_grad():
        z = model.backbone(x).numpy()
    return KNeighborsClassifier(5).fit(z[:1400], y[:1400]).score(z[1400:], y[1400:])


PROGRAM = Program(train)
