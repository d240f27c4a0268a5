"""Wire gauges by their resistance; the weight decay was meant to be 1e-4 and lost its exponent."""

import torch
from sklearn.datasets import load_wine
from torch import nn

from trainvitals.run import Run

from ...program import Program


def train(run: Run, *, sick: bool, seed: int) -> float:
    """The wine table stands in for the wires."""
    torch.manual_seed(seed)
    x, y = load_wine(return_X_y=True)
    order = torch.randperm(len(x))
    x = torch.tensor((x - x.mean(0)) / x.std(0)).float()[order]
    y = torch.tensor(y)[order]
    model = nn.Sequential(nn.Linear(13, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 3))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, weight_decay=1.0 if sick else 1e-4)
    run.watch(model, optimizer, criterion)
    for _epoch in range(30):
        for rows in torch.randperm(128).split(16):
            optimizer.zero_grad()
            loss = criterion(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    return (model(x[128:]).argmax(1) == y[128:]).float().mean().item()


PROGRAM = Program(train, causes=("over_regularised",))
