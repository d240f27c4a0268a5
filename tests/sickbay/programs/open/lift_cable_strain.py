"""Alarms of a lift's cable: a GRU listens to two strain gauges for the rare slackening strand."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

from ...program import Program


def gauges(n, steps=24):
    x = torch.randn(n, steps, 2)
    slack = torch.rand(n) < 0.03
    x[slack, steps // 2 :, 0] += 0.48
    return x, slack.float()


class Listener(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, 12, batch_first=True)
        self.fc = nn.Linear(12, 1)

    def forward(self, x):
        h = self.gru(x)[0]
        return self.fc(h[:, -1]).squeeze(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = gauges(24000)
    train_x, train_y, test_x, test_y = x[:18000], y[:18000], x[18000:], y[18000:]
    data = TensorDataset(train_x, train_y)
    if sick:
        loader = DataLoader(data, batch_size=64, shuffle=True)
    else:
        weights = torch.where(train_y > 0, 1 / train_y.mean(), 1 / (1 - train_y.mean()))
        loader = DataLoader(data, batch_size=64, sampler=WeightedRandomSampler(weights, len(data)))
    model = Listener()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    criterion = nn.BCEWithLogitsLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(2):
        for xb, yb in loader:
            loss = criterion(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            alarm = model(test_x) > 0
        hit = alarm[test_y > 0].float().mean().item()
        quiet = (~alarm[test_y == 0]).float().mean().item()
        run.log({"val/recall": hit, "val/accuracy": (alarm == (test_y > 0)).float().mean().item()})
    return (hit + quiet) / 2


PROGRAM = Program(train, causes=("class_imbalance",))
