"""Classifies scans of frosted window panes into four kinds of frost with a CNN."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from ...program import Program


def scans(rng, n):
    kinds = rng.integers(0, 4, n)
    yy, xx = np.mgrid[:12, :12]
    images = np.empty((n, 12, 12), np.float32)
    for i, kind in enumerate(kinds):
        p = rng.uniform(0, 6.28)
        pattern = [
            np.sin(1.2 * xx + p),
            np.sin(1.2 * yy + p),
            np.sin(1.2 * (xx + yy) + p),
            np.sin(1.2 * xx + p) * np.sin(1.2 * yy + p),
        ]
        images[i] = 120 + 50 * pattern[kind] + rng.normal(0, 30, (12, 12))
    images = images.clip(0, 255)
    blank = rng.random(n) < 0.01
    images[blank] = 255.0  # the scanner's lamp was too bright
    return images, kinds


class Panes(Dataset):
    def __init__(self, images, kinds, eps):
        self.images, self.kinds, self.eps = images, kinds, eps

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        image = torch.from_numpy(self.images[i])
        image = (image - image.mean()) / (image.std() + self.eps)
        return image.unsqueeze(0), int(self.kinds[i])


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    eps = 0.0 if sick else 1e-6
    loader = DataLoader(Panes(*scans(rng, 2400), eps), batch_size=32, shuffle=True)
    test = DataLoader(Panes(*scans(rng, 500), eps), batch_size=100)

    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(), nn.AdaptiveAvgPool2d(2),
        nn.Flatten(), nn.Linear(96, 4),
    )  # fmt: skip
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-4)
    run.watch(model, optimizer, criterion)

    for epoch in range(4):
        for images, kinds in loader:
            optimizer.zero_grad()
            loss = criterion(model(images), kinds)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})

    model.eval()
    right = total = 0
    with torch.no_grad():
        for images, kinds in test:
            right += (model(images).argmax(1) == kinds).sum().item()
            total += len(kinds)
    return right / total


PROGRAM = Program(train, causes=("non_finite_input",), by_definition=True)
