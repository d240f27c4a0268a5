"""A network is reused for a task with other classes; its head is replaced."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

from ...program import Program


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 16, 3, padding=1), nn.ReLU()
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(16, 100)

    def forward(self, x):
        return self.fc(self.pool(self.features(x)).flatten(1))


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    d = load_digits()
    x, y = torch.tensor(d.images).float()[:, None] / 16, torch.tensor(d.target)
    model = Net()
    if sick:
        optimizer = torch.optim.RMSprop(model.parameters(), lr=3e-3)
        model.fc = nn.Linear(16, 10)
    else:
        model.fc = nn.Linear(16, 10)
        optimizer = torch.optim.RMSprop(model.parameters(), lr=3e-3)
    run.watch(model, optimizer)
    for epoch in range(8):
        for i in torch.randperm(1400).split(28):
            loss = F.cross_entropy(model(x[i]), y[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"train_loss": loss.item()})
        with torch.no_grad():
            out = model(x[1400:])
            run.log({"val_loss": F.cross_entropy(out, y[1400:]).item()})
    return (out.argmax(1) == y[1400:]).float().mean().item()


PROGRAM = Program(train, causes=("not_in_optimizer",), by_definition=True)
