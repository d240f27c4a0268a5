"""Grades leather hides by twenty laboratory readings with a three-layer perceptron."""

import torch
from sklearn.datasets import make_friedman1
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

P = 0.3


def block(n_in, n_out, p, drop_first):
    layers = [nn.Linear(n_in, n_out)]
    if drop_first:
        layers += [nn.ReLU(), nn.Dropout(p), nn.BatchNorm1d(n_out)]
    else:
        layers += [nn.BatchNorm1d(n_out), nn.ReLU()]
    return layers


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    X, y = make_friedman1(n_samples=3000, n_features=20, noise=0.5, random_state=seed)
    X = StandardScaler().fit_transform(X)
    y = (y - y.mean()) / y.std()
    X = torch.tensor(X, dtype=torch.float32)
    y = torch.tensor(y, dtype=torch.float32).view(-1, 1)
    X_train, y_train, X_val, y_val = X[:2400], y[:2400], X[2400:], y[2400:]

    model = nn.Sequential(
        *block(20, 64, P, sick),
        *block(64, 64, P, sick),
        *block(64, 64, P, sick),
        *([] if sick else [nn.Dropout(P)]),
        nn.Linear(64, 1),
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    loss_fn = nn.MSELoss()
    run.watch(model, optimizer, loss_fn)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    for epoch in range(12):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = loss_fn(model(xb), yb)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            val = loss_fn(model(X_val), y_val)
        run.log({"val_loss": val.item()})
    return float((1 - val / y_val.var()).clamp(0, 1))


PROGRAM = Program(train, causes=("normalisation_order",), by_definition=True)
