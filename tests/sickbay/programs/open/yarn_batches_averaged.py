"""Yarn quality from its fibre profile; a fifth of the labels are wrong, and a slow average of the weights is kept."""

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ...program import Program


def fibres(n, noise):
    kind = torch.randint(0, 4, (n,))
    t = torch.linspace(0, 1, 32)
    peak = (0.2 + 0.2 * kind.float() + 0.04 * torch.randn(n))[:, None]
    x = torch.exp(-((t - peak) ** 2) / 0.01) + 0.3 * torch.rand(n, 1) * t + 0.25 * torch.randn(n, 32)
    x = (x - 0.23) / 0.41
    flip = torch.rand(n) < noise
    label = torch.where(flip, torch.randint(0, 4, (n,)), kind)
    return x, label


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = fibres(6000, noise=0.25)
    xv, yv = fibres(1500, noise=0.0)
    model = nn.Sequential(nn.Linear(32, 48), nn.ReLU(), nn.Dropout(0.1), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 4))
    ema = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.98))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.02)
    run.watch(model, optimizer, criterion)
    for epoch in range(5):
        model.train()
        for idx in torch.randperm(6000).split(64):
            loss = criterion(model(x[idx]), y[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            ema.update_parameters(model)
            run.log({"loss": loss.item()})
        ema.eval()
        with torch.no_grad():
            run.log({"ema/accuracy": (ema(xv).argmax(1) == yv).float().mean().item()})
    ema.eval()
    with torch.no_grad():
        return (ema(xv).argmax(1) == yv).float().mean().item()


PROGRAM = Program(train)
