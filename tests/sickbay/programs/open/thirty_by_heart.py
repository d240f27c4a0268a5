"""The check before the real training: can the network learn thirty pictures by heart?"""

import torch
from sklearn.datasets import load_digits
from torch import nn

from ...program import Program


def train(run, *, sick, seed):
    d = load_digits()
    pick = torch.randperm(1797, generator=torch.Generator().manual_seed(seed))[:30]
    x, y = (torch.tensor(d.images).float()[pick].unsqueeze(1) - 4.9) / 6, torch.tensor(d.target)[pick]
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(512, 64), nn.ReLU(),
        nn.Linear(64, 10),
    )  # fmt: skip
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    for step in range(200):
        i = torch.randperm(30)[:15]
        loss = criterion(model(x[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    return (model(x).argmax(1) == y).float().mean().item()


PROGRAM = Program(train)
