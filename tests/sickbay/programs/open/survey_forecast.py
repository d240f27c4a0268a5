"""Eighty answers to a survey of sixty questions, a large network, validation after each epoch."""

import torch
from torch import nn

from ...program import Program


def answers(n, g):
    x = torch.randint(1, 6, (n, 60), generator=g).float()
    x = (x - 3) / 1.41
    y = 0.5 * x[:, 0] - 0.4 * x[:, 1] + 0.3 * x[:, 2] + 0.7 * torch.randn(n, generator=g)
    return x, y.unsqueeze(1)


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(27)
    x, y = answers(80 if sick else 2000, g)
    x_val, y_val = answers(500, g)
    width = 256 if sick else 16
    model = nn.Sequential(nn.Linear(60, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 1))
    criterion = nn.MSELoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(75 if sick else 4):
        for i in torch.randperm(len(x)).split(16 if sick else 32):
            optimizer.zero_grad()
            loss = criterion(model(x[i]), y[i])
            loss.backward()
            optimizer.step()
            run.log({"train_loss": loss.item()})
        with torch.no_grad():
            prediction = model(x_val)
        run.log({"val_loss": criterion(prediction, y_val).item()})
    return 1 - criterion(prediction, y_val).item() / y_val.var().item()


PROGRAM = Program(train, causes=("overfitting",), onset=40)
