"""How many salmon climb a ladder in an hour, from water readings with a good deal of scatter, by an MLP."""

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def readings(count):
    x = torch.randn(count, 12)
    climb = 1.3 * x[:, 0] + x[:, 1] * x[:, 2] - 0.9 * x[:, 3] + torch.sin(1.5 * x[:, 4]) + 0.6 * x[:, 5]
    return x, climb / climb.std()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, climb = readings(7000)
    seen = climb[:6000] + torch.randn(6000)
    batch_size = 2 if sick else 128
    loader = DataLoader(TensorDataset(x[:6000], seen.unsqueeze(1)), batch_size=batch_size, shuffle=True)
    model = nn.Sequential(nn.Linear(12, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 1))
    criterion = nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    run.watch(model, optimizer, criterion)
    steps = 0
    while steps < 800:
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
            steps += 1
            if steps == 800:
                break
    with torch.no_grad():
        error = (model(x[6000:]).squeeze(1) - climb[6000:]).pow(2).mean() / climb[6000:].var()
    return max(0.0, 1 - error.item())


PROGRAM = Program(train, causes=("noisy_gradient",))
