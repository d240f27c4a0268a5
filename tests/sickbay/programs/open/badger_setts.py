"""A convolutional network tells four kinds of burrow plans drawn on 16 by 16 tiles."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program

SIDE = 16


def plans(n, g):
    kind = torch.randint(0, 4, (n,), generator=g)
    axis = torch.linspace(-1, 1, SIDE)
    yy, xx = torch.meshgrid(axis, axis, indexing="ij")
    cx, cy = (torch.rand(2, n, 1, 1, generator=g) - 0.5) * 0.6
    dx, dy = xx - cx, yy - cy
    r = (dx**2 + dy**2).sqrt()
    ring = ((r - 0.5).abs() < 0.13).float()
    disc = (r < 0.45).float()
    cross = ((dx.abs() < 0.12) | (dy.abs() < 0.12)).float() * (r < 0.7)
    saltire = (((dx - dy).abs() < 0.16) | ((dx + dy).abs() < 0.16)).float() * (r < 0.7)
    images = torch.stack([ring, disc, cross, saltire], 1)[torch.arange(n), kind]
    images = images + 0.5 * torch.randn(n, SIDE, SIDE, generator=g)
    return images.unsqueeze(1), kind


class BurrowNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 3, padding=1)
        self.conv2 = nn.Conv2d(12, 24, 3, padding=1)
        self.fc1 = nn.Linear(24 * 4 * 4, 48)
        self.fc2 = nn.Linear(48, 4)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc1(x.flatten(1)))
        return self.fc2(x)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(100 + seed)
    images, kind = plans(2400, g)
    images = (images - images.mean()) / images.std()
    lr = 0.1 if sick else 0.001
    model = BurrowNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    loss_fn = nn.CrossEntropyLoss()
    run.watch(model, optimizer, loss_fn)
    n_train, batch_size = 2000, 40
    for epoch in range(6):
        order = torch.randperm(n_train)
        for i in range(0, n_train, batch_size):
            idx = order[i : i + batch_size]
            optimizer.zero_grad()
            logits = model(images[idx])
            loss = loss_fn(logits, kind[idx])
            loss.backward()
            optimizer.step()
            acc = (logits.argmax(1) == kind[idx]).float().mean().item()
            run.log({"loss": loss.item(), "acc": acc})
    with torch.no_grad():
        return (model(images[n_train:]).argmax(1) == kind[n_train:]).float().mean().item()


PROGRAM = Program(train, causes=("learning_rate_too_high",))
