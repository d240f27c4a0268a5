"""Counts the pips on photographed domino faces, zero to six, with a convolutional network initialised by hand."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

PIPS = {
    0: [],
    1: [(7, 7)],
    2: [(3, 3), (11, 11)],
    3: [(3, 3), (7, 7), (11, 11)],
    4: [(3, 3), (3, 11), (11, 3), (11, 11)],
    5: [(3, 3), (3, 11), (7, 7), (11, 3), (11, 11)],
    6: [(3, 3), (3, 11), (7, 3), (7, 11), (11, 3), (11, 11)],
}


def faces(n, rng):
    y = rng.integers(0, 7, n)
    x = 0.35 * rng.normal(size=(n, 1, 16, 16))
    for image, count in zip(x, y):
        dx, dy = rng.integers(-1, 2, 2)
        for row, col in PIPS[int(count)]:
            image[0, row + dy : row + dy + 2, col + dx : col + dx + 2] += 1.0 + 0.2 * rng.normal()
    x = (x - x.mean()) / x.std()
    return torch.tensor(x, dtype=torch.float32), torch.tensor(y)


class DominoNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 3, padding=1)
        self.conv2 = nn.Conv2d(12, 24, 3, padding=1)
        self.fc1 = nn.Linear(24 * 16, 64)
        self.fc2 = nn.Linear(64, 7)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


def init_zero(module):
    if isinstance(module, (nn.Conv2d, nn.Linear)):
        nn.init.zeros_(module.weight)
        nn.init.zeros_(module.bias)


def init_xavier(module):
    if isinstance(module, (nn.Conv2d, nn.Linear)):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = faces(2800, np.random.default_rng(seed))
    net = DominoNet()
    net.apply(init_zero if sick else init_xavier)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    run.watch(net, optimizer, criterion)
    for epoch in range(6):
        for i in torch.randperm(2240).split(32):
            optimizer.zero_grad()
            loss = criterion(net(x[i]), y[i])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            correct = (net(x[2240:]).argmax(1) == y[2240:]).float().mean().item()
        run.log({"val/acc": correct})
    return correct


PROGRAM = Program(train, causes=("bad_initialisation",), by_definition=True)
