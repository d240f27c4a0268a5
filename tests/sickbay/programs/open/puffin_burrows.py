"""A small ResNet with a cyclic rate that sorts aerial tiles of puffin burrows into six kinds."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        nn.init.zeros_(self.bn2.weight)

    def forward(self, x):
        return F.relu(x + self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))


class BurrowNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 16, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(16)
        self.block1, self.block2 = Residual(16), Residual(16)
        self.fc = nn.Linear(16, 6)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn(self.stem(x))), 2)
        x = F.max_pool2d(self.block1(x), 2)
        return self.fc(self.block2(x).mean((2, 3)))


def tiles(rng, n, size=16):
    yy, xx = np.mgrid[0:size, 0:size]
    kind = rng.integers(0, 6, n)
    out = 0.25 * rng.normal(size=(n, size, size))
    for i, k in enumerate(kind):
        for _ in range(1 + k % 3):
            cx, cy = rng.uniform(3, size - 4, 2)
            r = np.hypot(xx - cx, yy - cy)
            out[i] += np.exp(-(r**2) / 3) if k < 3 else np.exp(-((r - 2.5) ** 2) / 0.8)
    return torch.tensor((out - out.mean()) / out.std(), dtype=torch.float32)[:, None], torch.tensor(kind)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = tiles(rng, 2400)
    x_test, y_test = tiles(rng, 500)
    model = BurrowNet()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, weight_decay=5e-4)
    scheduler = torch.optim.lr_scheduler.CyclicLR(
        optimizer, base_lr=0.005, max_lr=0.15, step_size_up=60, cycle_momentum=False
    )
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        model.train()
        for idx in torch.randperm(len(x)).split(40):
            optimizer.zero_grad()
            loss = criterion(model(x[idx]), y[idx])
            loss.backward()
            optimizer.step()
            scheduler.step()
            run.log({"loss": loss.item(), "lr": scheduler.get_last_lr()[0]})
    model.eval()
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train)
