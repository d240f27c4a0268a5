"""Seven mosses told apart by the texture of small patches, features from convolutions and a linear reader."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


def patches(n, g):
    moss = torch.randint(0, 7, (n,), generator=g)
    yy, xx = torch.meshgrid(torch.arange(14.0), torch.arange(14.0), indexing="ij")
    theta = moss.view(-1, 1, 1) * math.pi / 7 + 0.06 * torch.randn(n, 1, 1, generator=g)
    freq = 1.1 + 0.2 * torch.rand(n, 1, 1, generator=g)
    phase = 2 * math.pi * torch.rand(n, 1, 1, generator=g)
    image = torch.sin(freq * (xx * torch.cos(theta) + yy * torch.sin(theta)) + phase)
    image = image + 1.3 * torch.randn(n, 14, 14, generator=g)
    return (image / image.std()).unsqueeze(1), moss


class MossNet(nn.Module):
    def __init__(self, detach):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 5, padding=2),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(8, 24, 3, padding=1),
            nn.BatchNorm2d(24),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
        )
        self.reader = nn.Linear(24, 7)
        self.detach = detach

    def forward(self, x):
        f = self.features(x).flatten(1)
        if self.detach:
            f = f.detach()
        return self.reader(f)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = patches(3000, torch.Generator().manual_seed(seed))
    x_train, y_train, x_test, y_test = x[:2400], y[:2400], x[2400:], y[2400:]
    net = MossNet(detach=sick)
    optimizer = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=1e-2)
    run.watch(net, optimizer)
    step = 0
    for epoch in range(8):
        net.train()
        for i in torch.randperm(2400).split(32):
            loss = F.cross_entropy(net(x_train[i]), y_train[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            if step % 5 == 0:
                run.log({"loss": loss.item()}, step=step)
        net.eval()
        with torch.no_grad():
            accuracy = (net(x_test).argmax(1) == y_test).float().mean().item()
        run.log({"val/accuracy": accuracy}, step=step)
    return accuracy


PROGRAM = Program(train, causes=("no_gradient",), by_definition=True)
