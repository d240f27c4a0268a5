"""Wrought-iron patterns in seven styles: a CNN with batch norm, global pooling, and a one-cycle learning rate."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

STYLES = 7


def gates(n, g):
    style = torch.randint(0, STYLES, (n,), generator=g)
    axis = torch.arange(14.0)
    yy, xx = torch.meshgrid(axis, axis, indexing="ij")
    angle = (style * 3.1416 / STYLES).view(-1, 1, 1)
    phase = 6.28 * torch.rand(n, 1, 1, generator=g)
    wave = torch.sin(1.2 * (angle.cos() * xx + angle.sin() * yy) + phase)
    return (wave + 0.6 * torch.randn(n, 14, 14, generator=g)).unsqueeze(1), style


def conv_bn(c_in, c_out):
    return nn.Sequential(nn.Conv2d(c_in, c_out, 3, padding=1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU())


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = gates(2000, g)
    x_test, y_test = gates(400, g)
    loader = DataLoader(TensorDataset(x, y), batch_size=40, shuffle=True)
    model = nn.Sequential(
        conv_bn(1, 12), nn.MaxPool2d(2), conv_bn(12, 24), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, STYLES)
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, nesterov=True, weight_decay=5e-4)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.2, total_steps=6 * len(loader))
    criterion = nn.CrossEntropyLoss(label_smoothing=0.05)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        model.train()
        for images, styles in loader:
            optimizer.zero_grad()
            loss = criterion(model(images), styles)
            loss.backward()
            optimizer.step()
            scheduler.step()
            run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train)
