"""What a thermal camera sees on a roof: vent, seam, puddle or dormer, from eight-bit scans."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from ...program import Program


def scan(kind, rng):
    picture = rng.normal(70, 12, (16, 16))
    row, column = rng.integers(3, 12, 2)
    if kind == 0:
        picture[row - 2 : row + 3, column - 2 : column + 3] += 90
    elif kind == 1:
        picture[row : row + 2] += 90
    elif kind == 2:
        picture[:, column : column + 2] += 90
    else:
        for i in range(16):
            picture[i, (i + column) % 16] += 110
    return picture.clip(0, 250).astype(np.uint8)


class Roofs(Dataset):
    def __init__(self, pictures, kinds, whole):
        self.pictures, self.kinds, self.whole = pictures, kinds, whole

    def __len__(self):
        return len(self.kinds)

    def __getitem__(self, i):
        picture = self.pictures[i] // 255 if self.whole else self.pictures[i] / 255
        return torch.tensor(picture, dtype=torch.float32)[None], int(self.kinds[i])


class RoofNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 3, padding=1)
        self.conv2 = nn.Conv2d(12, 24, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(24 * 16, 32)
        self.fc2 = nn.Linear(32, 4)

    def forward(self, x):
        x = self.pool(torch.relu(self.conv1(x)))
        x = self.pool(torch.relu(self.conv2(x)))
        return self.fc2(torch.relu(self.fc1(x.flatten(1))))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    kinds = rng.integers(0, 4, 1500)
    pictures = np.stack([scan(k, rng) for k in kinds])
    training = DataLoader(Roofs(pictures[:1200], kinds[:1200], sick), batch_size=24, shuffle=True)
    testing = DataLoader(Roofs(pictures[1200:], kinds[1200:], sick), batch_size=100)
    net = RoofNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    run.watch(net, optimizer, criterion)
    for _ in range(8):
        for x, y in training:
            optimizer.zero_grad()
            loss = criterion(net(x), y)
            loss.backward()
            optimizer.step()
            run.log({"train/loss": loss.item()})
    net.eval()
    right = 0
    with torch.no_grad():
        for x, y in testing:
            right += (net(x).argmax(1) == y).sum().item()
    return right / 300


PROGRAM = Program(train, causes=("constant_input",), by_definition=True)
