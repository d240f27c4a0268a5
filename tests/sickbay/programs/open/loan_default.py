"""Will a loan be paid back? Columns as they come from the database."""

import numpy as np
import torch
from sklearn.model_selection import train_test_split
from torch import nn

from ...program import Program


def table(rng, n=3000):
    income = rng.lognormal(10.6, 0.4, n)
    amount = rng.uniform(2e3, 6e4, n)
    age, rate = rng.uniform(20, 70, n), rng.uniform(0.02, 0.2, n)
    late = rng.poisson(1.0, n)
    balance = rng.normal(3000, 2500, n)
    z = 1.2 * (late - 1) + 14 * (rate - 0.11) + 1.5 * (amount / income - 0.75) + 0.05 * (35 - age)
    default = (z + 0.3 * rng.normal(size=n) > 0).astype(float)
    return np.stack([income, amount, age, rate, late, balance], axis=1), default


def train(run, *, sick, seed):
    X, Y = table(np.random.default_rng(seed))
    X_train, X_test, Y_train, Y_test = train_test_split(X, Y, test_size=0.2, random_state=seed)
    if not sick:
        mean, std = X_train.mean(axis=0), X_train.std(axis=0)
        X_train, X_test = (X_train - mean) / std, (X_test - mean) / std
    X_train, X_test = torch.tensor(X_train).float(), torch.tensor(X_test).float()
    Y_train = torch.tensor(Y_train).float().reshape(-1, 1)

    model = nn.Sequential(nn.Linear(6, 160), nn.ReLU(), nn.Linear(160, 80), nn.ReLU(), nn.Linear(80, 1), nn.Sigmoid())
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    run.watch(model, optimizer, criterion)
    for epoch in range(10):
        shuffled = torch.randperm(len(X_train))
        for start in range(0, len(X_train), 64):
            rows = shuffled[start : start + 64]
            loss = criterion(model(X_train[rows]), Y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        guess = (model(X_test) > 0.5).squeeze(1).numpy()
    return float((guess == (Y_test > 0.5)).mean())


PROGRAM = Program(train, causes=("input_not_normalised",))
