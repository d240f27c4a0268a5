"""Three grades from thirteen laboratory figures: few samples, batch norm and plain SGD."""

import torch
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn, optim

from ...program import Program


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    X, y = load_wine(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.35, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(X_train)
    X_train = torch.FloatTensor(scaler.transform(X_train))
    X_test = torch.FloatTensor(scaler.transform(X_test))
    y_train, y_test = torch.LongTensor(y_train), torch.LongTensor(y_test)

    model = nn.Sequential(
        nn.Linear(13, 24, bias=False),
        nn.BatchNorm1d(24),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(24, 3),
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.02, momentum=0.9, weight_decay=5e-4)
    run.watch(model, optimizer, criterion)

    n = len(X_train)
    for epoch in range(50):
        model.train()
        perm = torch.randperm(n)
        total = 0.0
        batches = 0
        for i in range(0, n - n % 16, 16):
            idx = perm[i : i + 16]
            optimizer.zero_grad()
            loss = criterion(model(X_train[idx]), y_train[idx])
            loss.backward()
            optimizer.step()
            total += loss.item()
            batches += 1
        model.eval()
        with torch.no_grad():
            val = criterion(model(X_test), y_test).item()
        run.log({"loss": total / batches, "val_loss": val})

    model.eval()
    with torch.no_grad():
        return (model(X_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train)
