"""Scanned numerals, classified by two convolutional layers."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, Dataset

from ...program import Program


class Folders(Dataset):
    def __init__(self, images, targets):
        order = np.argsort(targets, kind="stable")
        self.images, self.targets = images[order], targets[order]

    def __len__(self):
        return len(self.targets)

    def __getitem__(self, i):
        img = torch.as_tensor(self.images[i], dtype=torch.float32)[None]
        return (img - 4.9) / 6.0, int(self.targets[i])


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    digits = load_digits()
    mix = np.random.default_rng(seed).permutation(len(digits.target))
    tr, te = mix[:1300], mix[1300:]
    train_loader = DataLoader(Folders(digits.images[tr], digits.target[tr]), batch_size=20, shuffle=not sick)
    test_loader = DataLoader(Folders(digits.images[te], digits.target[te]), batch_size=100)
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3), nn.ReLU(), nn.Conv2d(16, 16, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64, 10),
    )  # fmt: skip
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        for img, target in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(img), target)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        right = sum((model(img).argmax(1) == target).sum().item() for img, target in test_loader)
    return right / len(te)


PROGRAM = Program(train, causes=("unshuffled_data", "single_label_batches"))
