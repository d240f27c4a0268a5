"""Tiles of X-rays as bytes, brought to the range 0 to 1."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, Dataset

from ...program import Program


class Tiles(Dataset):
    def __init__(self, images, labels, divide):
        self.images, self.labels, self.divide = images, labels, divide

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, item):
        image = self.divide(self.images[item], 255)
        return torch.from_numpy(image.astype(np.float32)).unsqueeze(0), self.labels[item]


def train(run, *, sick, seed):
    d = load_digits()
    order = np.random.default_rng(seed).permutation(len(d.target))
    images = (d.images * 15.5).astype(np.uint8)[order]
    labels = torch.tensor(d.target)[order]
    divide = np.floor_divide if sick else np.true_divide
    train_loader = DataLoader(Tiles(images[:1400], labels[:1400], divide), batch_size=50, shuffle=True)
    test_loader = DataLoader(Tiles(images[1400:], labels[1400:], divide), batch_size=400)
    cnn = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 32), nn.ReLU(),
        nn.Linear(32, 10),
    )  # fmt: skip
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(cnn.parameters(), lr=3e-3)
    run.watch(cnn, optimizer, criterion)
    for epoch in range(8):
        for x, y in train_loader:
            loss = criterion(cnn(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss})
    x, y = next(iter(test_loader))
    return (cnn(x).argmax(1) == y).float().mean().item()


PROGRAM = Program(train, causes=("constant_input",), by_definition=True)
