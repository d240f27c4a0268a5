"""Gradient accumulation: eight micro-batches make one step."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    means = torch.randn(6, 16, generator=g)
    y = torch.randint(6, (3000,), generator=g)
    x = means[y] + 1.1 * torch.randn(3000, 16, generator=g)
    loader = DataLoader(TensorDataset(x[:2400], y[:2400]), batch_size=8, shuffle=True)
    model = nn.Sequential(nn.Linear(16, 64), nn.GELU(), nn.LayerNorm(64), nn.Linear(64, 6))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    accumulation_steps, micro, total = 8, 0, 0.0
    for epoch in range(5):
        for xb, yb in loader:
            loss = criterion(model(xb), yb) / accumulation_steps
            loss.backward()
            total += loss.item()
            micro += 1
            if micro % accumulation_steps == 0:
                optimizer.step()
                optimizer.zero_grad()
                run.log({"loss": total})
                total = 0.0
    return (model(x[2400:]).argmax(1) == y[2400:]).float().mean().item()


PROGRAM = Program(train)
