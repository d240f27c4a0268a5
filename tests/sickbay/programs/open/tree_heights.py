"""Heights of trees from trunk, crown and site, read from a forester's sheet."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, Dataset

from ...program import Program


class Sheet(Dataset):
    def __init__(self, rows):
        rows = rows[rows[:, -1].argsort()]
        self.x = torch.tensor(rows[:, :-1], dtype=torch.float32)
        self.y = torch.tensor(rows[:, -1:], dtype=torch.float32)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


class Regressor(nn.Module):
    def __init__(self, n_in):
        super().__init__()
        self.l1 = nn.Linear(n_in, 40)
        self.l2 = nn.Linear(40, 20)
        self.l3 = nn.Linear(20, 1)

    def forward(self, x):
        return self.l3(F.relu(self.l2(F.relu(self.l1(x)))))


def sheet(seed, n=1800):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 8))
    h = 0.8 * x[:, 0] + 0.5 * x[:, 1] * x[:, 2] - 0.6 * np.abs(x[:, 3]) + 0.3 * np.sin(2 * x[:, 4])
    h = h + 0.3 * rng.normal(size=n)
    return np.column_stack([x, (h - h.mean()) / h.std()])


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rows = sheet(seed)
    train_set, test_set = Sheet(rows[:1400]), Sheet(rows[1400:])
    loader = DataLoader(train_set, batch_size=32, shuffle=not sick)
    model = Regressor(8)
    opt = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    run.watch(model, opt)
    for epoch in range(16):
        for x, y in loader:
            opt.zero_grad()
            loss = F.mse_loss(model(x), y)
            loss.backward()
            opt.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        r2 = 1 - F.mse_loss(model(test_set.x), test_set.y) / test_set.y.var()
    return float(r2.clamp(0, 1))


PROGRAM = Program(train, causes=("unshuffled_data",))
