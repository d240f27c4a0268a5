"""Counts the spots on drawings of ladybirds with a small CNN."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def draw(rng, n, size=20):
    yy, xx = np.mgrid[0:size, 0:size]
    back = rng.normal(0, 0.1, (n, size, size)) + rng.uniform(0.7, 1.0, (n, 1, 1))
    count = rng.integers(0, 10, n)
    for i, spots in enumerate(count):
        for cell in rng.choice(16, spots, replace=False):
            cx, cy = 2.5 + 5 * (cell % 4) + rng.uniform(-1, 1), 2.5 + 5 * (cell // 4) + rng.uniform(-1, 1)
            back[i] -= 0.9 * np.exp(-((xx - cx) ** 2 + (yy - cy) ** 2) / 2.0)
    return back.astype(np.float32), count.astype(np.float32)


class SpotCounter(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(12)
        self.conv2 = nn.Conv2d(12, 24, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(24)
        self.pool = nn.MaxPool2d(2)
        self.average = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(24, 32)
        self.out = nn.Linear(32, 1)

    def forward(self, x):
        x = self.pool(torch.relu(self.bn1(self.conv1(x))))
        x = torch.relu(self.bn2(self.conv2(x)))
        x = self.average(x).flatten(1)
        return self.out(torch.relu(self.fc(x)))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    pictures, count = draw(rng, 2600)
    pictures = torch.from_numpy((pictures - pictures.mean()) / pictures.std()).unsqueeze(1)
    target = torch.from_numpy((count - count.mean()) / count.std())
    if not sick:
        target = target[:, None]

    model = SpotCounter()
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=8e-3, total_steps=11 * 55)
    run.watch(model, optimizer)
    for epoch in range(11):
        model.train()
        for idx in torch.randperm(2200).split(40):
            prediction = model(pictures[idx])
            error = prediction - target[idx]
            loss = (error**2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
            run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        guess = model(pictures[2200:]).flatten()
    truth = target[2200:].flatten()
    return max(0.0, 1 - ((guess - truth).pow(2).mean() / truth.var()).item())


PROGRAM = Program(train, causes=("shape_broadcast",), by_definition=True)
