"""A one-dimensional residual network names which of eight tuning forks was struck."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


def strikes(n, length=96):
    fork = torch.randint(8, (n,))
    t = torch.arange(length) / length
    pitch = (6 + 2.0 * fork + 0.25 * torch.randn(n))[:, None]
    phase = 2 * math.pi * torch.rand(n, 1)
    fade = torch.exp(-(0.5 + 2 * torch.rand(n, 1)) * t)
    sound = fade * torch.sin(2 * math.pi * pitch * t + phase) + 0.3 * torch.randn(n, length)
    return sound[:, None], fork


class Residual(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1 = nn.Conv1d(width, width, 5, padding=2, bias=False)
        self.bn1 = nn.BatchNorm1d(width)
        self.conv2 = nn.Conv1d(width, width, 5, padding=2, bias=False)
        self.bn2 = nn.BatchNorm1d(width)
        nn.init.zeros_(self.bn2.weight)

    def forward(self, x):
        h = F.relu(self.bn1(self.conv1(x)))
        return F.relu(x + self.bn2(self.conv2(h)))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = strikes(3000)
    x = (x - x[:2400].mean()) / x[:2400].std()
    net = nn.Sequential(
        nn.Conv1d(1, 24, 7, stride=2, padding=3, bias=False),
        nn.BatchNorm1d(24),
        nn.ReLU(),
        Residual(24),
        Residual(24),
        nn.MaxPool1d(2),
        Residual(24),
        nn.AdaptiveAvgPool1d(1),
        nn.Flatten(),
        nn.Linear(24, 8),
    )
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    epochs, per_epoch = 9, 2400 // 48
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-4)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, total_steps=epochs * per_epoch)
    run.watch(net, optimizer, criterion)
    for epoch in range(epochs):
        net.train()
        for idx in torch.randperm(2400).split(48):
            loss = criterion(net(x[idx]), y[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
            run.log({"loss": loss.item()})
        net.eval()
        with torch.no_grad():
            out = net(x[2400:])
        run.log({"val_loss": criterion(out, y[2400:]).item()})
    return (out.argmax(1) == y[2400:]).float().mean().item()


PROGRAM = Program(train)
