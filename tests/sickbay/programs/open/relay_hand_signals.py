"""An LSTM tells six hand signals of a relay runner from an accelerometer."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def signals(n, rng, length=32):
    kind = rng.integers(0, 6, n)
    t = np.linspace(0, 1, length)
    freq = np.array([1, 1, 2, 2, 3, 3])[kind][:, None] * rng.uniform(0.85, 1.15, (n, 1))
    turn = np.where(kind % 2 == 0, 1, -1)[:, None]
    phase = rng.uniform(-0.6, 0.6, (n, 1))
    size = rng.uniform(0.7, 1.3, (n, 1))
    angle = 2 * np.pi * freq * t + phase
    x = np.stack([size * np.cos(angle), size * turn * np.sin(angle), 0.5 * np.cos(2 * angle)], 2)
    x = x + 0.25 * rng.normal(size=x.shape)
    return torch.tensor(x, dtype=torch.float32), torch.tensor(kind)


class SignalLSTM(nn.Module):
    def __init__(self, hidden=48):
        super().__init__()
        self.lstm = nn.LSTM(3, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, 6)

    def forward(self, x):
        _, (h, _) = self.lstm(x)
        return self.fc(h[-1])


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = signals(2600, rng)
    mu, sd = x[:2000].mean((0, 1)), x[:2000].std((0, 1))
    x = (x - mu) / sd
    model = SignalLSTM()
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    run.watch(model, optimizer, loss_fn)

    for epoch in range(12):
        model.train()
        for idx in torch.randperm(2000).split(50):
            logits = model(x[idx])
            loss = loss_fn(logits, y[idx])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            run.log({"loss": loss.item(), "acc": (logits.argmax(1) == y[idx]).float().mean().item()})
    model.eval()
    with torch.no_grad():
        return (model(x[2000:]).argmax(1) == y[2000:]).float().mean().item()


PROGRAM = Program(train)
