"""The pulse rate behind four seconds of a finger sensor's readings, with 1-D convolutions."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def record(rng, n, hertz=25, seconds=4):
    bpm = rng.uniform(45, 160, n)
    t = np.arange(hertz * seconds) / hertz
    phase = 2 * np.pi * (bpm[:, None] / 60 * t + rng.random((n, 1)))
    red = 2100 + 90 * np.sin(phase) + 25 * np.sin(2 * phase) + rng.normal(0, 30, phase.shape)
    infrared = 2900 + 140 * np.sin(phase + 0.2) + rng.normal(0, 30, phase.shape)
    counts = np.stack([red, infrared], 1).round()
    return counts.astype(np.float32), ((bpm - 100) / 33).astype(np.float32)


class PulseNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv1d(2, 16, 11, stride=2, padding=5)
        self.conv2 = nn.Conv1d(16, 32, 7, stride=2, padding=3)
        self.conv3 = nn.Conv1d(32, 32, 5, stride=2, padding=2)
        self.fc1 = nn.Linear(32 * 13, 32)
        self.fc2 = nn.Linear(32, 1)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        x = F.relu(self.conv3(x))
        return self.fc2(F.relu(self.fc1(x.flatten(1)))).squeeze(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x_train, y_train = record(rng, 3000)
    x_test, y_test = record(rng, 600)
    if not sick:
        mean = x_train.mean((0, 2), keepdims=True)
        std = x_train.std((0, 2), keepdims=True)
        x_train, x_test = (x_train - mean) / std, (x_test - mean) / std
    dataset = TensorDataset(torch.from_numpy(x_train), torch.from_numpy(y_train))
    loader = DataLoader(dataset, batch_size=50, shuffle=True)

    model = PulseNet()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        for inputs, targets in loader:
            optimizer.zero_grad()
            loss = criterion(model(inputs), targets)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})

    model.eval()
    with torch.no_grad():
        error = criterion(model(torch.from_numpy(x_test)), torch.from_numpy(y_test)).item()
    return max(0.0, 1 - error / float(y_test.var()))


PROGRAM = Program(train, causes=("input_not_normalised",))
