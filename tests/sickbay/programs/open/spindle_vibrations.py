"""Which bearing of a spindle is worn, heard in its vibrations: a bidirectional LSTM with heavy dropout."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def recordings(n, rng):
    kind = rng.integers(0, 5, n)
    t = np.arange(24)
    pitch = np.array([0.35, 0.55, 0.75, 0.95, 1.15])[kind][:, None]
    wave = np.sin(pitch * t + rng.uniform(0, 6.28, (n, 1))) + 0.5 * rng.normal(size=(n, 24))
    other = np.cos(pitch * t * 0.5 + rng.uniform(0, 6.28, (n, 1))) + 0.5 * rng.normal(size=(n, 24))
    return torch.tensor(np.stack([wave, other], -1), dtype=torch.float32), torch.tensor(kind)


class Listener(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 32, batch_first=True, bidirectional=True)
        self.drop = nn.Dropout(0.7)
        self.middle = nn.Linear(64, 32)
        self.out = nn.Linear(32, 5)

    def forward(self, x):
        states, _ = self.lstm(x)
        h = self.drop(states.mean(1))
        return self.out(self.drop(torch.relu(self.middle(h))))


def evaluate(model, loader, criterion, sick):
    if not sick:
        model.eval()
    total, right, count = 0.0, 0, 0
    with torch.no_grad():
        for x, y in loader:
            out = model(x)
            total += criterion(out, y).item() * len(y)
            right += (out.argmax(1) == y).sum().item()
            count += len(y)
    return total / count, right / count


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = recordings(2000, np.random.default_rng(seed + 3))
    training = DataLoader(TensorDataset(x[:1600], y[:1600]), batch_size=32, shuffle=True)
    testing = DataLoader(TensorDataset(x[1600:], y[1600:]), batch_size=100)
    model = Listener()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=6e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(9):
        model.train()
        for a, b in training:
            optimizer.zero_grad()
            loss = criterion(model(a), b)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        val_loss, accuracy = evaluate(model, testing, criterion, sick)
        run.log({"val_loss": val_loss, "val_acc": accuracy, "epoch": epoch})
    return accuracy


PROGRAM = Program(train, causes=("train_eval_mode",), by_definition=True)
