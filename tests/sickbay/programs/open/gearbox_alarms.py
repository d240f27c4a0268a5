"""Gearboxes about to fail, two or three in a hundred; scored by the balanced accuracy."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def vibrations(n, g):
    x = torch.randn(n, 12, generator=g)
    z = 1.3 * x[:, 0] + x[:, 1] * x[:, 2] + 0.8 * x[:, 3] + 0.8 * torch.randn(n, generator=g)
    return x, (z > 4.0).float()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 3)
    x, y = vibrations(6000, g)
    x_test, y_test = vibrations(6000, g)
    loader = DataLoader(TensorDataset(x, y), batch_size=128, shuffle=True)
    model = nn.Sequential(
        nn.Linear(12, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0)
    )
    weight = None if sick else (1 - y.mean()) / y.mean()
    criterion = nn.BCEWithLogitsLoss(pos_weight=weight)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-4)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            logits = model(xb)
            loss = criterion(logits, yb)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "accuracy": ((logits > 0) == (yb > 0.5)).float().mean().item()})
    model.eval()
    with torch.no_grad():
        alarm = model(x_test) > 0
    fail = y_test > 0.5
    return (alarm[fail].float().mean().item() + (~alarm[~fail]).float().mean().item()) / 2


PROGRAM = Program(train, causes=("class_imbalance",))
