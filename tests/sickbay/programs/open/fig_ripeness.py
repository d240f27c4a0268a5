"""Ripe or not: a binary classifier with batch norm and dropout, early stopping on the validation loss."""

import copy

import torch
from sklearn.datasets import make_classification
from sklearn.preprocessing import StandardScaler
from torch import nn

from ...program import Program


class RipeNet(nn.Module):
    def __init__(self, n_in):
        super().__init__()
        self.fc1, self.bn1 = nn.Linear(n_in, 64), nn.BatchNorm1d(64)
        self.fc2, self.bn2 = nn.Linear(64, 32), nn.BatchNorm1d(32)
        self.dropout = nn.Dropout(0.2)
        self.out = nn.Linear(32, 1)

    def forward(self, x):
        x = self.dropout(torch.relu(self.bn1(self.fc1(x))))
        x = self.dropout(torch.relu(self.bn2(self.fc2(x))))
        return self.out(x).squeeze(-1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    X, y = make_classification(4000, 16, n_informative=10, n_clusters_per_class=3, class_sep=1.5, random_state=seed)
    X = torch.tensor(StandardScaler().fit(X[:2800]).transform(X), dtype=torch.float32)
    y = torch.tensor(y, dtype=torch.float32)
    model = RipeNet(16)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-5)
    run.watch(model, optimizer, criterion)
    best, best_state, waited = float("inf"), None, 0
    for epoch in range(12):
        model.train()
        for idx in torch.randperm(2800).split(64):
            optimizer.zero_grad()
            loss = criterion(model(X[idx]), y[idx])
            loss.backward()
            optimizer.step()
            run.log({"train_loss": loss.item()})
        model.eval()
        with torch.no_grad():
            val_loss = criterion(model(X[2800:3400]), y[2800:3400]).item()
        run.log({"val_loss": val_loss})
        if val_loss < best:
            best, best_state, waited = val_loss, copy.deepcopy(model.state_dict()), 0
        else:
            waited += 1
            if waited == 4:
                break
    model.load_state_dict(best_state)
    model.eval()
    with torch.no_grad():
        return ((model(X[3400:]) > 0).float() == y[3400:]).float().mean().item()


PROGRAM = Program(train)
