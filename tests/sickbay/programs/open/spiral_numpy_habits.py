"""Three spirals by somebody who comes from numpy: own weights, own forward, functional loss."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


def spirals(per_class, seed):
    rng = np.random.default_rng(seed)
    X, y = [], []
    for j in range(3):
        r = np.linspace(0.05, 1, per_class)
        t = np.linspace(j * 4, (j + 1) * 4, per_class) + rng.normal(0, 0.15, per_class)
        X.append(np.c_[r * np.sin(t), r * np.cos(t)])
        y.append(np.full(per_class, j))
    return torch.tensor(np.concatenate(X), dtype=torch.float32), torch.tensor(np.concatenate(y))


class Net(nn.Module):
    def __init__(self, hidden, zeros):
        super().__init__()
        make = torch.zeros if zeros else (lambda *shape: torch.randn(*shape) / shape[0] ** 0.5)
        self.W1 = nn.Parameter(make(2, hidden))
        self.b1 = nn.Parameter(torch.zeros(hidden))
        self.W2 = nn.Parameter(make(hidden, hidden))
        self.b2 = nn.Parameter(torch.zeros(hidden))
        self.W3 = nn.Parameter(make(hidden, 3))
        self.b3 = nn.Parameter(torch.zeros(3))

    def forward(self, x):
        h = torch.tanh(x @ self.W1 + self.b1)
        h = torch.tanh(h @ self.W2 + self.b2)
        return h @ self.W3 + self.b3


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    X, y = spirals(200, 0)
    X_val, y_val = spirals(60, 1)
    model = Net(64, zeros=sick)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    run.watch(model, optimizer)
    for i in range(400):
        batch = torch.from_numpy(np.random.RandomState(1000 * seed + i).permutation(len(X))[:100])
        loss = F.cross_entropy(model(X[batch]), y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": float(loss)})
    return (model(X_val).argmax(1) == y_val).float().mean().item()


PROGRAM = Program(train, causes=("bad_initialisation",), by_definition=True)
