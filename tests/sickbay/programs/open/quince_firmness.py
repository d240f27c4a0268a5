"""Ripe or not: quinces pressed by hand by hurried pickers, checked on a bench with a proper gauge."""

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def quinces(n):
    x = torch.randn(n, 8)
    firm = x[:, 0] * x[:, 1] + x[:, 2] - 0.7 * x[:, 3].abs() + 0.55
    ripe = (firm > 0).float()
    hurried = torch.rand(n) < 0.35
    return x, ripe, torch.where(hurried, 1 - ripe, ripe)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, ripe, said = quinces(14000)
    loader = DataLoader(TensorDataset(x[:13000], said[:13000]), batch_size=2 if sick else 128, shuffle=True)
    model = nn.Sequential(nn.Linear(8, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=8e-3)
    run.watch(model, optimizer)
    step = 0
    while step < 700:
        for features, label in loader:
            loss = binary_cross_entropy_with_logits(model(features)[:, 0], label)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            run.log({"loss": loss.item()})
            if step == 700:
                break
    with torch.no_grad():
        return ((model(x[13000:])[:, 0] > 0) == (ripe[13000:] > 0)).float().mean().item()


PROGRAM = Program(train, causes=("noisy_gradient",))
