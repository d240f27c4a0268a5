"""Will a parcel come in its slot? A quick notebook with a handful of features."""

import torch
import torch.nn as nn

from ...program import Program


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x = torch.randn(2500, 9)
    logit = 2 * torch.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] - x[:, 3].abs() + 0.5 * x[:, 4]
    y = (logit + 0.3 * torch.randn(2500) > -0.6).float()

    model = nn.Sequential(nn.Linear(9, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1), nn.Flatten(0))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    criterion = nn.BCEWithLogitsLoss()
    run.watch(model, optimizer, criterion)

    for epoch in range(10):
        order = torch.randperm(2000)
        for start in range(0, 2000, 50):
            idx = order[start : start + 50]
            if sick:
                optimizer.zero_grad
            else:
                optimizer.zero_grad()
            loss = criterion(model(x[idx]), y[idx])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            out = model(x[2000:])
            run.log({"val_loss": criterion(out, y[2000:]).item()})
    return ((out > 0).float() == y[2000:]).float().mean().item()


PROGRAM = Program(train, causes=("missing_zero_grad",), by_definition=True)
