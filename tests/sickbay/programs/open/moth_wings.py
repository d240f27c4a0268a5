"""Moth wings by their eyespots: a CNN with batch norm and dropout, tested species by species."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def wings(rng, per_species, size=12):
    yy, xx = np.mgrid[0:size, 0:size]
    images, species = [], []
    for s in range(6):
        for _ in range(per_species):
            img = 0.25 * rng.normal(size=(size, size))
            for _ in range(1 + s % 3):
                cy, cx = rng.uniform(2, size - 3, 2)
                r = np.hypot(yy - cy, xx - cx)
                img += np.exp(-((r - (0 if s < 3 else 2)) ** 2)) * 2
            images.append(img)
            species.append(s)
    x = np.stack(images).astype(np.float32)[:, None]
    return torch.from_numpy((x - 0.25) / 0.6), torch.tensor(species)


class WingNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(32 * 36, 48, bias=False),
            nn.BatchNorm1d(48),
            nn.ReLU(),
            nn.Dropout(0.4),
        )
        self.head = nn.Linear(48, 6)

    def forward(self, x):
        return self.head(self.body(x))


def evaluate(model, loader):
    right = n = 0
    with torch.no_grad():
        for images, species in loader:
            right += (model(images).argmax(1) == species).sum().item()
            n += len(species)
    return right / n


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    train_loader = DataLoader(TensorDataset(*wings(rng, 350)), batch_size=60, shuffle=True)
    test_loader = DataLoader(TensorDataset(*wings(rng, 60)), batch_size=20)
    model = WingNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    acc = 0.0
    for epoch in range(9):
        model.train()
        for images, species in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(images), species)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        if not sick:
            model.eval()
        acc = evaluate(model, test_loader)
        run.log({"val_accuracy": acc})
    return acc


PROGRAM = Program(train, causes=("train_eval_mode",), by_definition=True, onset=30)
