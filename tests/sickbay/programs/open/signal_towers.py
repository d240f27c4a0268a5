"""Which of three messages a signal tower sends, by a GRU; it is soon learned and trained on for long."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class TowerGRU(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(4, 24)
        self.readout = nn.Linear(24, 3)

    def forward(self, signal):
        h = torch.zeros(len(signal), 24)
        for t in range(signal.shape[1]):
            h = self.cell(signal[:, t], h)
        return self.readout(h)


def send(rng, n):
    words = np.array([[0, 1, 2, 3, 0, 1, 2, 3, 0, 1], [3, 3, 2, 2, 1, 1, 0, 0, 3, 3], [1, 0, 1, 0, 2, 3, 2, 3, 1, 0]])
    message = rng.integers(0, 3, n)
    arm = words[message]
    arm = np.where(rng.random(arm.shape) < 0.05, rng.integers(0, 4, arm.shape), arm)
    return torch.eye(4)[torch.from_numpy(arm)], torch.from_numpy(message)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    signal, message = send(rng, 1920)
    test_signal, test_message = send(rng, 400)
    loader = DataLoader(TensorDataset(signal, message), batch_size=32, shuffle=True, drop_last=True)
    model = TowerGRU()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(11):
        for batch, label in loader:
            optimizer.zero_grad()
            loss = criterion(model(batch), label)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            accuracy = (model(test_signal).argmax(1) == test_message).float().mean().item()
        run.log({"accuracy/val": accuracy})
    return accuracy


PROGRAM = Program(train)
