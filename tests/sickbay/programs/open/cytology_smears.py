"""Benign or malignant from thirty raw columns of the Wisconsin breast cancer table, with a tanh network."""

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn, optim

from ...program import Program


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    data = load_breast_cancer()
    X_train, X_test, y_train, y_test = train_test_split(
        data.data, data.target, test_size=0.3, random_state=seed, stratify=data.target
    )
    if not sick:
        scaler = StandardScaler()
        X_train = scaler.fit_transform(X_train)
        X_test = scaler.transform(X_test)
    X_train, X_test = torch.FloatTensor(X_train), torch.FloatTensor(X_test)
    y_train, y_test = torch.FloatTensor(y_train).view(-1, 1), torch.FloatTensor(y_test).view(-1, 1)

    classifier = nn.Sequential(nn.Linear(30, 32), nn.Tanh(), nn.Linear(32, 16), nn.Tanh(), nn.Linear(16, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = optim.SGD(classifier.parameters(), lr=0.05)
    run.watch(classifier, optimizer, criterion)

    for epoch in range(40):
        permutation = torch.randperm(X_train.size(0))
        for i in range(0, X_train.size(0), 32):
            rows = permutation[i : i + 32]
            optimizer.zero_grad()
            loss = criterion(classifier(X_train[rows]), y_train[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return ((classifier(X_test) > 0).float() == y_test).float().mean().item()


PROGRAM = Program(train, causes=("input_not_normalised",))
