"""Cracked turbine blades heard in short vibration traces, nearly all of them sound, by a GRU."""

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

from ...program import Program

SAMPLES = 28


def traces(count, share, gen):
    cracked = (torch.rand(count, generator=gen) < share).long()
    t = torch.arange(SAMPLES).float()
    phase = 6.28 * torch.rand(count, 1, generator=gen)
    tone = torch.sin(0.7 * t + phase)
    whistle = torch.sin(1.5 * t + 2 * phase) * (0.6 * cracked[:, None] + 0.15 * torch.randn(count, 1, generator=gen))
    x = tone + whistle + 0.5 * torch.randn(count, SAMPLES, generator=gen)
    return (x / x.std()).unsqueeze(2), cracked


class BladeGRU(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(1, 32, batch_first=True)
        self.drop = nn.Dropout(0.1)
        self.fc = nn.Linear(32, 2)

    def forward(self, x):
        out, _ = self.gru(x)
        return self.fc(self.drop(out.mean(1)))


def balanced_accuracy(model, x, y):
    model.eval()
    with torch.no_grad():
        guess = model(x).argmax(1)
    model.train()
    return sum((guess[y == k] == k).float().mean().item() for k in (0, 1)) / 2


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    x, y = traces(8000, 0.03, gen)
    x_test, y_test = traces(800, 0.5, gen)
    data = TensorDataset(x, y)
    if sick:
        loader = DataLoader(data, batch_size=64, shuffle=True)
    else:
        weights = (1.0 / torch.bincount(y))[y]
        loader = DataLoader(data, batch_size=64, sampler=WeightedRandomSampler(weights, len(y)))
    model = BladeGRU()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)
    for _ in range(4):
        for xb, yb in loader:
            logits = model(xb)
            loss = criterion(logits, yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "accuracy": (logits.argmax(1) == yb).float().mean().item()})
    return balanced_accuracy(model, x_test, y_test)


PROGRAM = Program(train, causes=("class_imbalance",))
