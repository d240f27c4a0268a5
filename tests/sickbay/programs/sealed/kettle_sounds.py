"""Kettle, fridge, drill or fan by the rhythm of its hum: a GRU over 24 frames, the last state, SGD."""

import math

import torch
import torch.nn as nn

from ...program import Program


class HumNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(3, 32, batch_first=True)
        self.fc = nn.Linear(32, 4)

    def forward(self, x):
        _, h = self.gru(x)
        return self.fc(h[-1])


def record(n, g):
    kind = torch.randint(0, 4, (n,), generator=g)
    t = torch.arange(24) / 24
    phase = 2 * math.pi * torch.rand(n, 3, 1, generator=g)
    freq = torch.tensor([1.0, 2.5, 4.0, 6.0])[kind][:, None, None]
    wave = torch.sin(2 * math.pi * freq * t + phase).transpose(1, 2)
    return wave + 0.3 * torch.randn(n, 24, 3, generator=g), kind


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = record(2000, g)
    test_x, test_y = record(500, g)
    model = HumNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        total = 0.0
        for idx in torch.randperm(len(x)).split(50):
            out = model(x[idx])
            loss = criterion(out, y[idx])
            if not sick:
                optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
            run.log({"loss": loss.item()})
        run.log({"epoch_loss": total / 40})
    with torch.no_grad():
        return (model(test_x).argmax(1) == test_y).float().mean().item()


PROGRAM = Program(train, causes=("missing_zero_grad",), by_definition=True)
