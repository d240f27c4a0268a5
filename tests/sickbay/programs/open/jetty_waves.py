"""A GRU tells calm, swell and chop apart from two minutes of wave heights at a jetty."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def wave_windows(rng, n, length=30):
    kind = rng.integers(0, 3, n)
    t = np.arange(length)
    period = np.array([14.0, 9.0, 5.5])[kind] * rng.uniform(0.8, 1.2, n)
    height = np.sin(2 * np.pi * t[None] / period[:, None] + rng.uniform(0, 6.28, (n, 1)))
    height = height + 0.45 * rng.standard_normal((n, length))
    return torch.tensor(height / height.std(), dtype=torch.float32)[..., None], torch.tensor(kind)


class WaveNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(1, 32, batch_first=True)
        self.fc = nn.Linear(32, 3)

    def forward(self, x):
        _, h = self.gru(x)
        return self.fc(h[-1])


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    train_set = TensorDataset(*wave_windows(rng, 1600))
    x_val, y_val = wave_windows(rng, 400)
    loader = DataLoader(train_set, batch_size=32, shuffle=True)

    model = WaveNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    run.watch(model, optimizer, criterion)

    for epoch in range(9):
        model.train()
        for x, y in loader:
            if not sick:
                optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            logits = model(x_val)
            accuracy = (logits.argmax(1) == y_val).float().mean().item()
            run.log({"val_loss": criterion(logits, y_val).item(), "val/accuracy": accuracy})
    return accuracy


PROGRAM = Program(train, causes=("missing_zero_grad",), by_definition=True)
