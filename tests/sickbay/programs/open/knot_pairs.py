"""Do two small drawings show the same figure? A siamese convolutional net with a contrastive loss."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

from ...program import Program


class Embedder(nn.Module):
    def __init__(self, dim=16):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU()
        )
        self.fc = nn.Linear(32 * 4 * 4, dim)

    def forward(self, a, b):
        return self.fc(self.conv(a).flatten(1)), self.fc(self.conv(b).flatten(1))


class ContrastiveLoss(nn.Module):
    def __init__(self, margin=2.0, eps=0.0):
        super().__init__()
        self.margin, self.eps = margin, eps

    def distance(self, u, v):
        return torch.sqrt(((u - v) ** 2).sum(dim=1) + self.eps)

    def forward(self, u, v, same):
        d = self.distance(u, v)
        return (same * d**2 + (1 - same) * torch.relu(self.margin - d) ** 2).mean()


def draw_pairs(labels, n, rng):
    first = rng.integers(0, len(labels), n)
    second = rng.integers(0, len(labels), n)
    for k in range(0, n, 2):
        second[k] = rng.choice(np.flatnonzero(labels == labels[first[k]]))
    return first, second


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    digits = load_digits()
    images = torch.tensor(digits.images / 16.0, dtype=torch.float32).unsqueeze(1)
    images = (images - images.mean()) / images.std()
    order = rng.permutation(len(images))
    images, labels = images[order], digits.target[order]
    model = Embedder()
    loss_fn = ContrastiveLoss(eps=0.0 if sick else 1e-6)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, loss_fn)
    for step in range(400):
        a, b = draw_pairs(labels[:1200], 64, rng)
        same = torch.tensor(labels[a] == labels[b], dtype=torch.float32)
        u, v = model(images[a], images[b])
        loss = loss_fn(u, v, same)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()}, step=step)
    model.eval()
    a, b = draw_pairs(labels[1200:], 600, rng)
    with torch.no_grad():
        u, v = model(images[1200 + a], images[1200 + b])
        near = (loss_fn.distance(u, v) < 1.0).numpy()
    same = labels[1200 + a] == labels[1200 + b]
    return float(((near & same).sum() / same.sum() + (~near & ~same).sum() / (~same).sum()) / 2)


PROGRAM = Program(train, causes=("unstable_loss",), by_definition=True)
