"""Stolen cards among payments, one in fifty. The score is the mean recall of both kinds."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

from ...program import Program


def payments(n, g):
    stolen = (torch.rand(n, generator=g) < 0.02).long()
    x = torch.randn(n, 12, generator=g)
    x[:, 0] += 1.3 * stolen
    x[:, 1] -= 1.0 * stolen
    x[:, 2] = x[:, 2] * (1 + 0.8 * stolen)
    return x, stolen


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = payments(9000, g)
    x_te, y_te = payments(6000, g)
    share = y.float().mean().item()
    sampler = WeightedRandomSampler(torch.where(y == 1, 0.5 / share, 0.5 / (1 - share)).double(), len(y))
    data = TensorDataset(x, y)
    loader = DataLoader(data, 64, shuffle=True) if sick else DataLoader(data, 64, sampler=sampler)
    model = nn.Sequential(nn.Linear(12, 24), nn.ReLU(), nn.Linear(24, 2))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
    run.watch(model, optimizer, criterion)
    for epoch in range(3):
        for xb, yb in loader:
            out = model(xb)
            loss = criterion(out, yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "accuracy": (out.argmax(1) == yb).float().mean().item()})
    with torch.no_grad():
        found = model(x_te).argmax(1)
    recalls = [(found[y_te == k] == k).float().mean().item() for k in (0, 1)]
    return sum(recalls) / 2


PROGRAM = Program(train, causes=("class_imbalance",))
