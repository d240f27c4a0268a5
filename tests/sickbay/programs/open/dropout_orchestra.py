"""Instruments by 40 spectral numbers: much dropout, so that validation looks better than training."""

import torch
from sklearn.datasets import make_classification
from torch import nn

from ...program import Program


def block(i, o, p):
    return nn.Sequential(nn.Linear(i, o), nn.BatchNorm1d(o), nn.ReLU(inplace=True), nn.Dropout(p))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    X, y = make_classification(
        3600, 40, n_informative=20, n_redundant=0, n_classes=8, n_clusters_per_class=1, class_sep=1.8, random_state=seed
    )
    X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
    y = torch.tensor(y)
    model = nn.Sequential(block(40, 128, 0.5), block(128, 128, 0.5), nn.Linear(128, 8))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(9):
        model.train()
        for rows in torch.randperm(3000).split(60):
            optimizer.zero_grad()
            loss = criterion(model(X[rows]), y[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            out = model(X[3000:])
            acc = (out.argmax(1) == y[3000:]).float().mean().item()
            run.log({"val_loss": criterion(out, y[3000:]).item(), "val_acc": acc})
    return acc


PROGRAM = Program(train)
