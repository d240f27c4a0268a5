"""Which of four seabirds, by the beat of its wings: a learned filter bank, its log energies, a classifier."""

import numpy as np
import torch
from torch import nn

from ...program import Program


class WingbeatNet(nn.Module):
    def __init__(self, use_numpy):
        super().__init__()
        self.bank = nn.Linear(40, 12)
        self.classify = nn.Sequential(nn.Linear(12, 24), nn.ReLU(), nn.Linear(24, 4))
        self.use_numpy = use_numpy

    def log_energy(self, h):
        if self.use_numpy:
            return torch.from_numpy(np.log1p(np.square(h.detach().numpy())))
        return torch.log1p(h.square())

    def forward(self, signal):
        return self.classify(self.log_energy(self.bank(signal)))


def recordings(rng, n):
    kind = rng.integers(0, 4, n)
    t = np.arange(40) / 40
    beats = np.array([3, 4, 5, 6])[kind][:, None]
    wave = rng.uniform(0.8, 1.2, (n, 1)) * np.sin(2 * np.pi * beats * t + rng.uniform(0, 2 * np.pi, (n, 1)))
    return (wave + 0.6 * rng.normal(size=(n, 40))).astype(np.float32), kind


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = recordings(rng, 3000)
    x, y = torch.from_numpy(x / x.std()), torch.from_numpy(y)
    x_test, y_test = x[2400:], y[2400:]
    model = WingbeatNet(use_numpy=sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(12):
        model.train()
        for i in torch.randperm(2400).split(48):
            optimizer.zero_grad()
            loss = criterion(model(x[i]), y[i])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            out = model(x_test)
        accuracy = (out.argmax(1) == y_test).float().mean().item()
        run.log({"val_loss": criterion(out, y_test).item(), "val_accuracy": accuracy})
    return accuracy


PROGRAM = Program(train, causes=("no_gradient",), by_definition=True)
