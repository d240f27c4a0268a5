"""Minutes in the queue of a ski lift from snow, hour and weekday columns, by an MLP fed from a saved table."""

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def saved_table(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2400, 10)).astype("float32")
    wait = 1.2 * x[:, 0] * x[:, 1] + np.tanh(2 * x[:, 2]) + 0.7 * x[:, 3] + 0.5 * x[:, 4] ** 2
    wait = wait + 0.2 * rng.normal(size=2400)
    order = np.argsort(wait)
    return x[order], ((wait - wait.mean()) / wait.std()).astype("float32")[order]


class QueueNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden1 = nn.Linear(10, 96)
        self.hidden2 = nn.Linear(96, 96)
        self.minutes = nn.Linear(96, 1)

    def forward(self, x):
        x = torch.relu(self.hidden1(x))
        x = torch.relu(self.hidden2(x))
        return self.minutes(x)[:, 0]


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, wait = saved_table(seed)
    held = np.arange(len(x)) % 6 == 0
    fit_set = TensorDataset(torch.from_numpy(x[~held]), torch.from_numpy(wait[~held]))
    loader = DataLoader(fit_set, batch_size=40, shuffle=not sick)
    net = QueueNet()
    criterion = nn.MSELoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    run.watch(net, optimizer, criterion)
    for _epoch in range(15):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(net(xb), yb)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        guess = net(torch.from_numpy(x[held])).numpy()
    return float(max(0.0, 1 - ((guess - wait[held]) ** 2).mean() / wait[held].var()))


PROGRAM = Program(train, causes=("unshuffled_data",))
