"""Uneven classes treated as one should: class weights, label smoothing, batch norm and dropout in the right order."""

import torch
from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score
from torch import nn

from ...program import Program


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    X, y = make_classification(
        3600, 18, n_informative=9, n_classes=3, weights=[0.8, 0.15, 0.05], class_sep=1.6, flip_y=0, random_state=12
    )
    X, y = torch.tensor((X - X.mean(0)) / X.std(0)).float(), torch.tensor(y)
    weight = len(y) / torch.bincount(y).float()
    weight = weight / weight.mean()
    model = nn.Sequential(
        nn.Linear(18, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.3),
        nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 3),
    )  # fmt: skip
    criterion = nn.CrossEntropyLoss(weight=weight, label_smoothing=0.05)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 3, gamma=0.3)
    run.watch(model, optimizer, criterion)
    for epoch in range(9):
        model.train()
        for i in torch.randperm(3000).split(64):
            optimizer.zero_grad()
            loss = criterion(model(X[i]), y[i])
            loss.backward()
            optimizer.step()
            run.log({"train_loss": loss.item()})
        schedule.step()
        model.eval()
        with torch.no_grad():
            out = model(X[3000:])
            run.log({"val_loss": criterion(out, y[3000:]).item()})
    return balanced_accuracy_score(y[3000:].numpy(), out.argmax(1).numpy())


PROGRAM = Program(train)
