"""Topics of short minutes from word presence: 800 columns of mostly zeros into one network."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    topics = rng.dirichlet(np.full(800, 0.05), 7)
    y = rng.integers(0, 7, 2600)
    common = rng.dirichlet(np.full(800, 0.5))
    X = np.stack([rng.multinomial(30, 0.6 * common + 0.4 * topics[k]) for k in y])
    X = torch.tensor((X > 0), dtype=torch.float32)
    y = torch.tensor(y)
    loader = DataLoader(TensorDataset(X[:2100], y[:2100]), batch_size=30, shuffle=True)
    model = nn.Sequential(nn.Linear(800, 32), nn.ReLU(), nn.Dropout(0.4), nn.Linear(32, 7))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            out = model(X[2100:])
            acc = (out.argmax(1) == y[2100:]).float().mean().item()
            run.log({"val/loss": criterion(out, y[2100:]).item(), "val/acc": acc})
    return acc


PROGRAM = Program(train)
