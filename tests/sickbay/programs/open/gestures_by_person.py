"""Gestures recorded one after another and kept in that order; a GRU; no DataLoader."""

import torch
import torch.nn as nn

from ...program import Program


def gestures(per_class, g):
    t = torch.linspace(0, 1, 20)
    curves = torch.stack([t, 1 - t, (2 * t - 1) ** 2, torch.sin(6.28 * t), torch.cos(6.28 * t), torch.sin(12.6 * t)])
    y = torch.arange(6).repeat_interleave(per_class)
    x = curves[y][:, :, None] * (1 + 0.3 * torch.randn(len(y), 1, 2, generator=g))
    return x + 0.25 * torch.randn(len(y), 20, 2, generator=g), y


class Gesture(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(2, 32, num_layers=1, batch_first=True)
        self.fc = nn.Linear(32, 6)

    def forward(self, x):
        return self.fc(self.rnn(x)[0].mean(1))


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(3)
    x, y = gestures(200, g)
    x_test, y_test = gestures(50, g)
    net = Gesture()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=6e-3)
    run.watch(net, optimizer, criterion)
    for epoch in range(7):
        order = torch.arange(len(x)) if sick else torch.randperm(len(x))
        for start in range(0, len(x), 25):
            i = order[start : start + 25]
            loss = criterion(net(x[i]), y[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return (net(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("single_label_batches", "unshuffled_data"), by_definition=True)
