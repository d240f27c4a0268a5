"""Genres of films: several may be right at once, most are not."""

import torch
from sklearn.datasets import make_multilabel_classification
from sklearn.metrics import average_precision_score
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def train(run, *, sick, seed):
    X, Y = make_multilabel_classification(2600, 40, n_classes=12, n_labels=2, length=60, random_state=seed)
    X, Y = torch.tensor(X).float(), torch.tensor(Y).float()
    X = (X - X.mean(0)) / X.std(0)
    model = nn.Sequential(nn.Linear(40, 256), nn.ReLU(), nn.Dropout(0.2), nn.Linear(256, 12))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer)
    for epoch in range(8):
        model.train()
        for x, y in DataLoader(TensorDataset(X[:2000], Y[:2000]), batch_size=50, shuffle=True):
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            run.log({"val_loss": criterion(model(X[2000:]), Y[2000:]).item()})
    with torch.no_grad():
        return average_precision_score(Y[2000:], model(X[2000:]).sigmoid(), average="micro")


PROGRAM = Program(train)
