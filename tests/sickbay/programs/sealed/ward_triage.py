"""Triage of patients in four levels, with batch norm and a lot of dropout, validated each epoch."""

import torch
from torch import nn

from ...program import Program


def patients(n, g):
    level = torch.randint(0, 4, (n,), generator=g)
    centre = torch.randn(4, 20, generator=torch.Generator().manual_seed(9))
    return 0.55 * centre[level] + torch.randn(n, 20, generator=g), level


def evaluate(model, x, y, sick):
    if not sick:
        model.eval()
    hits, loss = 0, 0.0
    with torch.no_grad():
        for xb, yb in zip(x.split(60), y.split(60)):
            out = model(xb)
            hits += (out.argmax(1) == yb).sum().item()
            loss += nn.functional.cross_entropy(out, yb, reduction="sum").item()
    model.train()
    return hits / len(x), loss / len(x)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = patients(2400, g)
    x_val, y_val = patients(480, g)
    order = y_val.argsort()  # the hospital's export is sorted by level
    x_val, y_val = x_val[order], y_val[order]
    model = nn.Sequential(
        nn.Linear(20, 96), nn.BatchNorm1d(96), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(96, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(64, 4),
    )  # fmt: skip
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        for batch in torch.randperm(2400, generator=g).split(60):
            loss = criterion(model(x[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        accuracy, val_loss = evaluate(model, x_val, y_val, sick)
        run.log({"val/accuracy": accuracy, "val/loss": val_loss})
    return accuracy


PROGRAM = Program(train, causes=("train_eval_mode",), by_definition=True)
