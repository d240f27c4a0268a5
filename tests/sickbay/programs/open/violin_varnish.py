"""Gloss, hardness and tint of a varnish from its twelve ingredients, by an MLP of four layers."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def cook(rng, n):
    parts = rng.dirichlet(np.ones(12) * 1.5, n)
    lab = np.random.default_rng(41)
    hidden = np.tanh((parts - 1 / 12) @ lab.normal(0, 9, (12, 8)))
    measured = hidden @ lab.normal(size=(8, 3)) + 0.15 * rng.normal(size=(n, 3))
    return parts, measured


def build_optimizer(model, sick):
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    groups = [
        {"params": matrices, "weight_decay": 1.0 if sick else 1e-4},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return torch.optim.SGD(groups, lr=0.02, momentum=0.9)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    parts, measured = cook(rng, 4000)
    mean, std = parts[:3200].mean(0), parts[:3200].std(0)
    x = torch.tensor((parts - mean) / std, dtype=torch.float32)
    y = torch.tensor((measured - measured[:3200].mean(0)) / measured[:3200].std(0), dtype=torch.float32)

    model = nn.Sequential(
        nn.Linear(12, 96), nn.SiLU(), nn.Linear(96, 96), nn.SiLU(), nn.Linear(96, 48), nn.SiLU(), nn.Linear(48, 3)
    )
    optimizer = build_optimizer(model, sick)
    criterion = nn.SmoothL1Loss()
    run.watch(model, optimizer, criterion)
    score = 0.0
    for epoch in range(12):
        for idx in torch.randperm(3200).split(64):
            loss = criterion(model(x[idx]), y[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"train_loss": loss.item()})
        with torch.no_grad():
            guess = model(x[3200:])
            run.log({"val_loss": criterion(guess, y[3200:]).item()})
            score = 1 - ((guess - y[3200:]).pow(2).mean() / y[3200:].var()).item()
    return max(0.0, score)


PROGRAM = Program(train, causes=("over_regularised",))
