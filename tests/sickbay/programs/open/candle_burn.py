"""How long a candle burns, from wax, wick and draught; plain SGD on a table."""

import numpy as np
import torch
from sklearn.preprocessing import StandardScaler
from torch import nn, optim

from ...program import Program


def make_candles(n, rng):
    weight = rng.uniform(50, 400, n)
    wick = rng.uniform(1, 5, n)
    draught = rng.exponential(1.0, n)
    wax = rng.integers(0, 3, n)
    hours = weight / (3 + wick**1.3) / (1 + 0.4 * draught) * np.array([1.0, 1.4, 0.8])[wax]
    X = np.column_stack([weight, wick, draught, wax == 0, wax == 1, wax == 2]).astype(np.float32)
    return X, (hours + rng.normal(0, 1, n)).astype(np.float32)


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    X, y = make_candles(2400, rng)
    X_train, X_test, y_train, y_test = X[:2000], X[2000:], y[:2000], y[2000:]
    scaler = StandardScaler().fit(X_train)
    X_train = torch.tensor(scaler.transform(X_train))
    X_test = torch.tensor(scaler.transform(X_test))
    mean, std = y_train.mean(), y_train.std()
    y_train = torch.tensor((y_train - mean) / std).view(-1, 1)
    y_test = torch.tensor((y_test - mean) / std).view(-1, 1)

    model = nn.Sequential(nn.Linear(6, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 1))
    criterion = nn.MSELoss()
    optimizer = optim.SGD(model.parameters(), lr=1e-5 if sick else 5e-2, momentum=0.9)
    run.watch(model, optimizer, criterion)
    batch_size = 64
    for epoch in range(20):
        order = rng.permutation(len(X_train))
        running = 0.0
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = criterion(model(X_train[batch]), y_train[batch])
            loss.backward()
            optimizer.step()
            running += loss.item()
            run.log({"loss": loss.item()})
        run.log({"epoch_loss": running / (len(order) // batch_size + 1)})
    with torch.no_grad():
        mse = criterion(model(X_test), y_test).item()
    return max(0.0, 1 - mse / y_test.var().item())


PROGRAM = Program(train, causes=("learning_rate_too_low",))
