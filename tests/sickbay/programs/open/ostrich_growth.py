"""A young ostrich's weight gain next month from its ten last weighings on a poor scale, with a GRU."""

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def weighings(n):
    vigour = torch.randn(n, 1)
    feed = torch.randn(n, 10)
    gain = 0.6 * vigour + 0.5 * feed + 0.4 * torch.randn(n, 10)
    x = torch.stack([feed, gain], 2)
    y = gain[:, -3:].mean(1) + 0.5 * feed[:, -1] * feed[:, -2]
    return x, (y - y.mean()) / y.std()


class GrowthGRU(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, 24, batch_first=True)
        self.head = nn.Linear(24, 1)

    def forward(self, x):
        return self.head(self.gru(x)[1][-1]).squeeze(-1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x_train, y_train = weighings(3000)
    x_test, y_test = weighings(600)
    train_set = TensorDataset(x_train, y_train + 0.9 * torch.randn(3000))
    loader = DataLoader(train_set, batch_size=1 if sick else 40, shuffle=True)
    model = GrowthGRU()
    loss_fn = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    run.watch(model, optimizer, loss_fn)
    step, steps = 0, 600
    while step < steps:
        for x, y in loader:
            optimizer.zero_grad()
            loss = loss_fn(model(x), y)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()}, step=step)
            step += 1
            if step == steps:
                break
    with torch.no_grad():
        error = loss_fn(model(x_test), y_test).item()
    return max(0.0, 1 - error / y_test.var().item())


PROGRAM = Program(train, causes=("noisy_gradient",))
