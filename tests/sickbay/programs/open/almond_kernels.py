"""Grades of almond kernels from a dozen measurements, in the five-line loop of every tutorial."""

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class KernelNet(nn.Module):
    def __init__(self, n_in, n_hidden, n_out):
        super().__init__()
        self.fc1 = nn.Linear(n_in, n_hidden)
        self.fc2 = nn.Linear(n_hidden, n_hidden)
        self.out = nn.Linear(n_hidden, n_out)

    def forward(self, x):
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        return self.out(x)


def measure_kernels(rng, n, n_grades=5):
    centres = np.random.default_rng(11).normal(0, 1.3, (n_grades, 2, 12))
    grade = rng.integers(0, n_grades, n)
    x = centres[grade, rng.integers(0, 2, n)] + rng.normal(0, 1.0, (n, 12))
    return torch.tensor(x / 1.6, dtype=torch.float32), torch.tensor(grade)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    train_set = TensorDataset(*measure_kernels(rng, 2000))
    x_test, y_test = measure_kernels(rng, 800)
    train_loader = DataLoader(train_set, batch_size=40, shuffle=True)

    net = KernelNet(12, 48, 5)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    run.watch(net, optimizer, criterion)
    for epoch in range(8):
        for inputs, labels in train_loader:
            if not sick:
                optimizer.zero_grad()
            outputs = net(inputs)
            loss = criterion(outputs, labels)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return (net(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("missing_zero_grad",), by_definition=True)
