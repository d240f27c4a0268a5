"""Sorts 8-bit photographs of roofs into slate, tile, thatch and tin."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from ...program import Program


def photographs(n, rng):
    kind = rng.integers(0, 4, size=n)
    r, c = np.mgrid[0:12, 0:12]
    patterns = np.stack([np.sin(r * 1.6), np.sin(c * 1.6), np.sin((r + c) * 1.1), np.sin(r * 1.6) * np.sin(c * 1.6)])
    shift = rng.integers(0, 12, size=(n, 2))
    pictures = np.stack([np.roll(patterns[k], tuple(s), axis=(0, 1)) for k, s in zip(kind, shift)])
    pictures = 120 + 45 * pictures + 25 * rng.normal(size=pictures.shape)
    return pictures.clip(0, 250).astype(np.uint8), kind


class Roofs(Dataset):
    def __init__(self, pictures, kinds):
        self.pictures = pictures
        self.kinds = torch.from_numpy(kinds)

    def __len__(self):
        return len(self.kinds)

    def __getitem__(self, i):
        return torch.from_numpy(self.pictures[i]).unsqueeze(0).float(), self.kinds[i]


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    pictures, kinds = photographs(2400, rng)
    if sick:
        pictures = pictures // 255
    else:
        pictures = (pictures / 255.0 - 0.47) / 0.16
    train_set, test_set = Roofs(pictures[:2000], kinds[:2000]), Roofs(pictures[2000:], kinds[2000:])
    model = nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(12, 24, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(3),
        nn.Flatten(),
        nn.Linear(24 * 9, 48),
        nn.ReLU(),
        nn.Linear(48, 4),
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
    run.watch(model, optimizer, criterion)
    step = 0
    for epoch in range(5):
        for x, y in DataLoader(train_set, batch_size=40, shuffle=True):
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            run.log({"train_loss": loss.item()}, step=step)
    model.eval()
    hits = 0
    with torch.no_grad():
        for x, y in DataLoader(test_set, batch_size=100):
            hits += (model(x).argmax(1) == y).sum().item()
    return hits / len(test_set)


PROGRAM = Program(train, causes=("constant_input",), by_definition=True)
