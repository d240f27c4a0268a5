"""Pictures as bytes, 0 to 255, into a sigmoid network; ToTensor was left out."""

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

from ...program import Program


class Stripes(Dataset):
    def __init__(self, n, seed, scale):
        rng = np.random.default_rng(seed)
        self.labels = rng.integers(0, 4, n)
        angle = self.labels[:, None, None] * np.pi / 4
        yy, xx = np.mgrid[:10, :10]
        phase = rng.uniform(0, 6.28, (n, 1, 1))
        wave = np.sin(1.4 * (np.cos(angle) * xx + np.sin(angle) * yy) + phase) + 0.5 * rng.normal(size=(n, 10, 10))
        self.images = np.clip(128 + 70 * wave, 0, 255).astype(np.uint8)
        self.scale = scale

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        image = torch.from_numpy(self.images[i].astype(np.float32)).flatten()
        return (image / 255 - 0.5) / 0.25 if self.scale else image, int(self.labels[i])


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    loader = DataLoader(Stripes(1600, 0, not sick), batch_size=40, shuffle=True)
    model = nn.Sequential(nn.Linear(100, 128), nn.Sigmoid(), nn.Linear(128, 64), nn.Sigmoid(), nn.Linear(64, 4))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(9):
        for images, labels in loader:
            loss = criterion(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    x, y = next(iter(DataLoader(Stripes(400, 1, not sick), batch_size=400)))
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


PROGRAM = Program(train, causes=("input_not_normalised",))
