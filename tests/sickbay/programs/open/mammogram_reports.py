"""A small network calls breast tumours benign or malignant from thirty measurements."""

import torch
import torch.nn as nn
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from ...program import Program


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    data = load_breast_cancer()
    X_train, X_test, y_train, y_test = train_test_split(
        data.data, data.target, test_size=0.3, random_state=seed, stratify=data.target
    )
    sc = StandardScaler()
    X_train = torch.from_numpy(sc.fit_transform(X_train)).float()
    X_test = torch.from_numpy(sc.transform(X_test)).float()
    y_train = torch.from_numpy(y_train).float().view(-1, 1)
    y_test = torch.from_numpy(y_test).float().view(-1, 1)

    model = nn.Sequential(
        nn.Linear(30, 32),
        nn.ReLU(),
        nn.Linear(32, 16),
        nn.ReLU(),
        nn.Linear(16, 1),
        nn.Softmax(dim=1) if sick else nn.Sigmoid(),
    )
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
    run.watch(model, optimizer, criterion)

    n = X_train.size(0)
    step = 0
    for epoch in range(40):
        perm = torch.randperm(n)
        for i in range(0, n, 32):
            idx = perm[i : i + 32]
            optimizer.zero_grad()
            y_hat = model(X_train[idx])
            loss = criterion(y_hat, y_train[idx])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()}, step=step)
            step += 1
    model.eval()
    with torch.no_grad():
        pred = (model(X_test) > 0.5).float()
    return (pred == y_test).float().mean().item()


PROGRAM = Program(train, causes=("loss_output_mismatch",), by_definition=True)
