"""Heart disease, yes or no: the last layer was taken from a script with three classes."""

import torch
import torch.nn as nn
from sklearn.datasets import make_classification

from ...program import Program


def train(run, *, sick, seed):
    X, y = make_classification(1200, 13, n_informative=8, class_sep=1.2, flip_y=0.03, random_state=seed)
    X, y = torch.tensor(X).float(), torch.tensor(y).float().unsqueeze(1)
    X = (X - X.mean(0)) / X.std(0)
    last = nn.Softmax(dim=1) if sick else nn.Sigmoid()
    model = nn.Sequential(nn.Linear(13, 160), nn.ReLU(), nn.Linear(160, 128), nn.ReLU(), nn.Linear(128, 1), last)
    loss_fn = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-4)
    run.watch(model, optimizer, loss_fn)
    n_epochs, batch_size = 16, 50
    for epoch in range(n_epochs):
        perm = torch.randperm(1000)
        for i in range(0, 1000, batch_size):
            Xbatch, ybatch = X[perm[i : i + batch_size]], y[perm[i : i + batch_size]]
            y_pred = model(Xbatch)
            loss = loss_fn(y_pred, ybatch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "train/accuracy": (y_pred.round() == ybatch).float().mean().item()})
    with torch.no_grad():
        return (model(X[1000:]).round() == y[1000:]).float().mean().item()


PROGRAM = Program(train, causes=("loss_output_mismatch",), by_definition=True)
