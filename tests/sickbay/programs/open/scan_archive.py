"""Scans in a folder and their labels in a list: both are sorted, each in its way."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

from ...program import Program


class Folder(torch.utils.data.Dataset):
    """`img_1.png`, `img_10.png`, `img_2.png`: names sort as text, labels came in the order of their numbers."""

    def __init__(self, images, labels, as_text):
        names = [f"img_{i}.png" for i in range(len(images))]
        by_name = dict(zip(names, images))
        self.files = sorted(names) if as_text else names
        self.by_name, self.labels = by_name, labels

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        image = torch.from_numpy(self.by_name[self.files[index]]).float()[None]
        return (image - 4.9) / 6, int(self.labels[index])


def train(run, *, sick, seed):
    digits = load_digits()
    order = np.random.default_rng(seed).permutation(len(digits.target))
    images, labels = digits.images[order], digits.target[order]
    train_set, test_set = Folder(images[:1400], labels[:1400], sick), Folder(images[1400:], labels[1400:], False)
    loader = torch.utils.data.DataLoader(train_set, batch_size=40, shuffle=True)
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(72, 10)
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer)
    for epoch in range(8):
        model.train()
        for x, y in loader:
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    model.eval()
    x, y = next(iter(torch.utils.data.DataLoader(test_set, batch_size=500)))
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


PROGRAM = Program(train, causes=("labels_unrelated_to_inputs",), by_definition=True)
