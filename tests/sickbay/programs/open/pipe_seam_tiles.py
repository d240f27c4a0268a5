"""Rare flaws among pipe seams, by a residual network that starts as the identity, on batches drawn evenly."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

from ...program import Program


def seams(count, gen):
    kind = torch.multinomial(torch.tensor([0.9, 0.05, 0.05]), count, replacement=True, generator=gen)
    tiles = 0.5 * torch.randn(count, 1, 16, 16, generator=gen)
    across = torch.randint(4, 12, (count,), generator=gen)
    which = torch.arange(count)
    tiles[which, 0, across] += 2.0
    col = torch.randint(3, 12, (count,), generator=gen)
    gap, bead = kind == 1, kind == 2
    for shift in range(3):
        tiles[which[gap], 0, across[gap], col[gap] + shift] -= 2.2
        for rise in (-1, 1):
            tiles[which[bead], 0, across[bead] + rise, col[bead] + shift] += 1.6
    return (tiles - tiles.mean()) / tiles.std(), kind


class Residual(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)
        nn.init.zeros_(self.norm2.weight)

    def forward(self, x):
        return F.relu(x + self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x))))))


class SeamNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
        self.stages = nn.Sequential(Residual(16), nn.MaxPool2d(2), Residual(16), nn.AdaptiveMaxPool2d(2))
        self.head = nn.Linear(64, 3)

    def forward(self, x):
        return self.head(self.stages(self.stem(x)).flatten(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    x, y = seams(5000, gen)
    x_test, y_test = x[4000:], y[4000:]
    x, y = x[:4000], y[:4000]
    even = WeightedRandomSampler((1.0 / y.bincount())[y], 4000, generator=gen)
    loader = DataLoader(TensorDataset(x, y), batch_size=32, sampler=even)
    model = SeamNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
    run.watch(model, optimizer, criterion)
    for _epoch in range(2):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        guess = model(x_test).argmax(1)
    return sum((guess[y_test == k] == k).float().mean().item() for k in range(3)) / 3


PROGRAM = Program(train)
