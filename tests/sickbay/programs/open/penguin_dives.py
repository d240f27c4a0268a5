"""What is the penguin doing? An LSTM sees depth and speed of one dive and names one of four activities."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def dives(rng, n, length=24):
    what = rng.integers(0, 4, n)
    t = np.linspace(0, 1, length)
    depth = np.zeros((n, length))
    speed = 0.3 * rng.standard_normal((n, length))
    for i, k in enumerate(what):
        if k == 0:
            depth[i] = np.sin(np.pi * t)
        elif k == 1:
            depth[i] = np.minimum(1, 3 * np.minimum(t, 1 - t))
            speed[i] += np.sin(20 * t + rng.uniform(0, 6)) * (depth[i] > 0.6)
        elif k == 2:
            depth[i] = np.abs(np.sin(3 * np.pi * t)) * 0.6
        else:
            depth[i] = t * rng.uniform(0.6, 1.2)
    depth = depth * rng.uniform(0.7, 1.3, (n, 1)) + 0.12 * rng.standard_normal((n, length))
    x = np.stack([(depth - 0.5) / 0.35, speed / 0.4], -1)
    return torch.tensor(x, dtype=torch.float32), torch.tensor(what)


class DiveLSTM(nn.Module):
    def __init__(self, hidden=40):
        super().__init__()
        self.lstm = nn.LSTM(2, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, 4)

    def forward(self, x):
        _, (h, _) = self.lstm(x)
        return self.fc(h[-1])


def init_weights(model, sick):
    for name, p in model.named_parameters():
        if "bias" in name:
            nn.init.zeros_(p)
        elif sick:
            nn.init.constant_(p, 0.05)
        elif "weight_hh" in name:
            nn.init.orthogonal_(p)
        else:
            nn.init.xavier_uniform_(p)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = dives(rng, 2000)
    x_test, y_test = dives(rng, 400)
    model = DiveLSTM()
    init_weights(model, sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer, criterion)
    for step in range(500):
        idx = torch.from_numpy(rng.choice(len(x), 40, replace=False))
        optimizer.zero_grad()
        loss = criterion(model(x[idx]), y[idx])
        loss.backward()
        optimizer.step()
        if step % 10 == 0:
            run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("bad_initialisation",), by_definition=True)
