"""Will the hive swarm this week? One week in sixteen it does; the loss weighs those up."""

import torch
from sklearn.metrics import balanced_accuracy_score
from torch import nn

from ...program import Program


def weeks(n):
    x = torch.randn(n, 9)
    drive = 1.3 * x[:, 0] + x[:, 1] * x[:, 2] + 0.8 * x[:, 3].abs() - 0.6 * x[:, 4] + 0.3 * torch.randn(n)
    return x, (drive > 3.05).float()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = weeks(8000)
    xv, yv = weeks(3000)
    model = nn.Sequential(nn.Linear(9, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
    pos_weight = (1 - y).sum() / y.sum()
    criterion = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=5 * 125)
    run.watch(model, optimizer, criterion)
    score = 0.0
    for epoch in range(5):
        for idx in torch.randperm(len(x)).split(64):
            loss = criterion(model(x[idx]), y[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            logits = model(xv)
            score = balanced_accuracy_score(yv.numpy(), (logits > 0).numpy())
            run.log({"val_loss": criterion(logits, yv).item(), "val_balanced_accuracy": score})
    return float(score)


PROGRAM = Program(train)
