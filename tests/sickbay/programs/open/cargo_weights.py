"""The weight of a container from what the crane's sensors saw, with a Dataset class and the MSE."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from ...program import Program


class CraneReadings(Dataset):
    def __init__(self, n, rng):
        self.x = rng.normal(size=(n, 6)).astype(np.float32)
        x = self.x
        y = x[:, 0] + 0.7 * np.abs(x[:, 1]) - x[:, 2] * x[:, 3] + 0.4 * x[:, 4] ** 2 + 0.1 * rng.normal(size=n)
        self.y = ((y - 0.96) / 1.7).astype(np.float32)

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return torch.from_numpy(self.x[i]), torch.tensor(self.y[i])


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    train_loader = DataLoader(CraneReadings(1600, rng), batch_size=32, shuffle=True)
    test_data = CraneReadings(500, rng)

    model = nn.Sequential(
        nn.Linear(6, 64),
        nn.Tanh(),
        nn.Linear(64, 64),
        nn.Tanh(),
        nn.Linear(64, 1),
    )
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(12):
        for x, y in train_loader:
            y_pred = model(x)
            if not sick:
                y_pred = y_pred.squeeze(1)
            loss = criterion(y_pred, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"mse": loss.item()})

    model.eval()
    x, y = torch.from_numpy(test_data.x), torch.from_numpy(test_data.y)
    with torch.no_grad():
        y_pred = model(x).squeeze(1)
    return max(0.0, 1 - ((y_pred - y).pow(2).mean() / y.var()).item())


PROGRAM = Program(train, causes=("shape_broadcast",), by_definition=True)
