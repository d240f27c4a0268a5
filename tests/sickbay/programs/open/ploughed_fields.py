"""The direction in which a field was ploughed, in six classes, from aerial pictures, by a CNN."""

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

from ...program import Program


class Fields(Dataset):
    def __init__(self, n, seed):
        rng = np.random.default_rng(seed)
        yy, xx = np.mgrid[0:18, 0:18]
        self.direction = rng.integers(0, 6, n)
        angle = self.direction * np.pi / 6 + rng.normal(0, 0.06, n)
        furrow = rng.uniform(3.5, 5.5, n)
        phase = rng.uniform(0, 2 * np.pi, n)
        along = np.cos(angle)[:, None, None] * xx + np.sin(angle)[:, None, None] * yy
        self.picture = np.sin(2 * np.pi * along / furrow[:, None, None] + phase[:, None, None])
        self.picture += 0.5 * rng.normal(size=self.picture.shape)
        self.picture = (self.picture / self.picture.std()).astype(np.float32)

    def __len__(self):
        return len(self.direction)

    def __getitem__(self, i):
        return torch.from_numpy(self.picture[i])[None], int(self.direction[i])


class PloughNet(nn.Module):
    def __init__(self, sick):
        super().__init__()
        layers = []
        for inputs, outputs in ((1, 16), (16, 24), (24, 32)):
            layers.append(nn.Conv2d(inputs, outputs, 3, padding=1))
            if not sick:
                layers.append(nn.ReLU())
            layers.append(nn.AvgPool2d(2))
        self.features = nn.Sequential(*layers)
        self.fc1 = nn.Linear(32 * 2 * 2, 48)
        self.fc2 = nn.Linear(48, 6)
        self.activation = nn.Identity() if sick else nn.ReLU()

    def forward(self, x):
        x = torch.flatten(self.features(x), 1)
        return self.fc2(self.activation(self.fc1(x)))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    train_loader = DataLoader(Fields(2400, seed), batch_size=32, shuffle=True)
    test_loader = DataLoader(Fields(600, seed + 1000), batch_size=200)

    net = PloughNet(sick)
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(net, optimizer, criterion)
    for epoch in range(7):
        for pictures, direction in train_loader:
            optimizer.zero_grad()
            loss = criterion(net(pictures), direction)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    right = 0
    with torch.no_grad():
        for pictures, direction in test_loader:
            right += (net(pictures).argmax(1) == direction).sum().item()
    return right / 600


PROGRAM = Program(train, causes=("missing_nonlinearity",), by_definition=True)
