"""Hazel, alder, elm or birch from the outline of a leaf; a CNN and a log likelihood written out."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


def outlines(rng, n, size=14):
    yy, xx = np.mgrid[:size, :size] / (size - 1) * 2 - 1
    tree = rng.integers(0, 4, n)
    turn = rng.uniform(-0.4, 0.4, (n, 1, 1))
    angle, radius = np.arctan2(yy, xx) + turn, np.hypot(xx, yy)
    edge = np.stack(
        [
            0.65 + 0 * angle,
            0.65 + 0.22 * np.cos(2 * angle),
            0.62 + 0.22 * np.cos(3 * angle),
            0.62 + 0.2 * np.cos(5 * angle),
        ]
    )[tree, np.arange(n)]
    leaf = (radius < edge * rng.uniform(0.85, 1.15, (n, 1, 1))) + 0.2 * rng.normal(size=(n, size, size))
    leaf = (leaf - leaf.mean()) / leaf.std()
    return torch.tensor(leaf, dtype=torch.float32)[:, None], torch.tensor(tree)


class LeafNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 3)
        self.conv2 = nn.Conv2d(12, 24, 3)
        self.fc = nn.Linear(24 * 2 * 2, 4)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return F.log_softmax(self.fc(x.flatten(1)), dim=1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = outlines(rng, 2000)
    x_test, y_test = outlines(rng, 500)

    def log_likelihood(log_probs, target):
        return log_probs[torch.arange(len(target)), target].mean()

    model = LeafNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer)
    for epoch in range(7):
        for idx in torch.randperm(2000).split(40):
            optimizer.zero_grad()
            loss = log_likelihood(model(x[idx]), y[idx])
            if not sick:
                loss = -loss
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("loss_sign",), by_definition=True)
