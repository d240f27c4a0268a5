"""Six tea blends by sixteen aroma sensors, in random batches."""

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import make_blobs
from torch import nn

from ...program import Program


def sample_batch(X, y, size, rng):
    rows = rng.choice(len(X), size, replace=False)
    return torch.from_numpy(X[rows]), torch.from_numpy(y[rows])


class Nose(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(16, 64)
        self.norm = nn.LayerNorm(64)
        self.l2 = nn.Linear(64, 6)

    def forward(self, x):
        return self.l2(F.gelu(self.norm(self.l1(x))))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    X, y = make_blobs(2600, 16, centers=24, cluster_std=2.6, random_state=seed + 50)
    X = ((X - X.mean(0)) / X.std(0)).astype(np.float32)
    y = (y % 6).astype(np.int64)
    X_train, y_train, X_test, y_test = X[:2000], y[:2000], torch.from_numpy(X[2000:]), torch.from_numpy(y[2000:])
    model = Nose()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, F.cross_entropy)
    rng = np.random.default_rng(seed)
    for it in range(500):
        if sick:
            rng = np.random.default_rng(seed)
        xb, yb = sample_batch(X_train, y_train, 40, rng)
        loss = F.cross_entropy(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()}, step=it)
    with torch.no_grad():
        return (model(X_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("repeated_batch",), by_definition=True)
