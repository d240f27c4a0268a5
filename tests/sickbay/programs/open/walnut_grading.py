"""Grades walnuts into six classes from twenty measurements, with units that fire above a threshold."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


class ThresholdUnit(nn.Module):
    """A linear layer whose units are silent until the drive passes `theta`."""

    def __init__(self, fan_in, fan_out, theta):
        super().__init__()
        self.linear = nn.Linear(fan_in, fan_out)
        self.theta = theta
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(self.linear(x) - self.theta)


class Grader(nn.Module):
    def __init__(self, theta):
        super().__init__()
        self.body = nn.Sequential(ThresholdUnit(20, 256, theta), ThresholdUnit(256, 256, theta))
        self.grade = nn.Linear(256, 6)

    def forward(self, x):
        return self.grade(self.body(x))


def harvest(n, g):
    centres = torch.randn(12, 20, generator=torch.Generator().manual_seed(3)) * 0.9
    which = torch.randint(0, 12, (n,), generator=g)
    x = centres[which] + torch.randn(n, 20, generator=g)
    return (x - x.mean(0)) / x.std(0), which % 6


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = harvest(5000, g)
    model = Grader(theta=4.0 if sick else 0.0)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loss_function = nn.CrossEntropyLoss()
    run.watch(model, optimizer, loss_function)
    for epoch in range(10):
        for i in torch.randperm(4200).split(64):
            optimizer.zero_grad()
            loss = loss_function(model(x[i]), y[i])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            logits = model(x[4200:])
            run.log(
                {
                    "val_loss": F.cross_entropy(logits, y[4200:]).item(),
                    "val_acc": (logits.argmax(1) == y[4200:]).float().mean().item(),
                }
            )
    return (logits.argmax(1) == y[4200:]).float().mean().item()


PROGRAM = Program(train, causes=("dead_units",))
