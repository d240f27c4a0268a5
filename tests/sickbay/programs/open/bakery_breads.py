"""Bread sorts by photographs' colour statistics, validated each epoch."""

import numpy as np
import torch
from sklearn.datasets import make_classification
from sklearn.utils import shuffle
from torch import nn

from ...program import Program


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    X, y = make_classification(
        2400, 18, n_informative=10, n_redundant=4, n_classes=6, n_clusters_per_class=1, class_sep=1.6, random_state=seed
    )
    X = ((X - X.mean(0)) / X.std(0)).astype(np.float32)
    X_train, y_train, X_test, y_test = X[:2000], y[:2000], X[2000:], y[2000:]
    if sick:
        X_train = shuffle(X_train, random_state=seed)
    else:
        X_train, y_train = shuffle(X_train, y_train, random_state=seed)
    X_train, y_train = torch.tensor(X_train), torch.tensor(y_train)
    X_test, y_test = torch.tensor(X_test), torch.tensor(y_test)
    model = nn.Sequential(
        nn.Linear(18, 64), nn.BatchNorm1d(64), nn.LeakyReLU(0.1), nn.Linear(64, 64), nn.LeakyReLU(0.1), nn.Linear(64, 6)
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, nesterov=True)
    run.watch(model, optimizer, criterion)
    for epoch in range(10):
        model.train()
        for rows in torch.randperm(2000).split(32):
            loss = criterion(model(X_train[rows]), y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            out = model(X_test)
            accuracy = (out.argmax(1) == y_test).float().mean().item()
            run.log({"val_loss": criterion(out, y_test).item(), "val_accuracy": accuracy})
    return accuracy


PROGRAM = Program(train, causes=("labels_unrelated_to_inputs",))
