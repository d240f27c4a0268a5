"""A siamese CNN learns whether two handwritten digits are the same, with a contrastive loss."""

import math

import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

from ...program import Program


class Embedder(nn.Module):
    def __init__(self, dim=16):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(16, 24, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.project = nn.Linear(24 * 16, dim)

    def forward(self, a, b):
        both = self.project(self.features(torch.cat([a, b])).flatten(1))
        return both.chunk(2)


class ContrastiveLoss(nn.Module):
    def __init__(self, margin=2.0, eps=0.0):
        super().__init__()
        self.margin = margin
        self.eps = eps

    def forward(self, u, v, same):
        d = torch.sqrt(((u - v) ** 2).sum(1) + self.eps)
        return (same * d**2 + (1 - same) * torch.clamp(self.margin - d, min=0) ** 2).mean()


def pairs(labels, rng, n):
    first = rng.integers(0, len(labels), n)
    second = rng.integers(0, len(labels), n)
    for k in range(0, n, 2):
        second[k] = rng.choice(np.flatnonzero(labels == labels[first[k]]))
    return first, second, torch.tensor(labels[first] == labels[second]).float()


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    digits = load_digits()
    order = rng.permutation(len(digits.target))
    images = torch.tensor((digits.images[order] - 4.9) / 6.0).float().unsqueeze(1)
    labels = digits.target[order]
    model = Embedder()
    criterion = ContrastiveLoss(eps=0.0 if sick else 1e-6)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer)
    for step in range(350):
        i, j, same = pairs(labels[:1400], rng, 48)
        u, v = model(images[i], images[j])
        loss = criterion(u, v, same)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"contrastive": loss.item()})
    i, j, same = pairs(labels[1400:], rng, 1000)
    with torch.no_grad():
        u, v = model(images[1400:][i], images[1400:][j])
        guess = ((u - v).norm(dim=1) < 1.0).float()
    score = (guess == same).float().mean().item()
    return score if math.isfinite(u.sum().item()) else 0.5


PROGRAM = Program(train, causes=("unstable_loss",), by_definition=True, onset=1)
