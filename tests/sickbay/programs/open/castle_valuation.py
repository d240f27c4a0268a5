"""What an old house sells for, in euros, from nine standardised features."""

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def sales(rng, n):
    x = rng.normal(size=(n, 9))
    worth = 0.45 * x[:, 0] + 0.3 * x[:, 1] + 0.2 * x[:, 2] * x[:, 3] + 0.15 * np.abs(x[:, 4]) - 0.1 * x[:, 5]
    price = 420_000 + 160_000 * worth + 9_000 * rng.normal(size=n)
    return x.astype(np.float32), price.astype(np.float32)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, price = sales(np.random.default_rng(seed), 2600)
    x_train, x_test = torch.from_numpy(x[:2000]), torch.from_numpy(x[2000:])
    price_mean, price_std = (0.0, 1.0) if sick else (float(price[:2000].mean()), float(price[:2000].std()))
    target = torch.from_numpy((price - price_mean) / price_std).view(-1, 1)
    loader = DataLoader(TensorDataset(x_train, target[:2000]), batch_size=64, shuffle=True, drop_last=True)

    net = nn.Sequential(nn.Linear(9, 64), nn.LeakyReLU(), nn.Linear(64, 32), nn.LeakyReLU(), nn.Linear(32, 1))
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    run.watch(net, optimizer, criterion)
    step = 0
    for epoch in range(15):
        for features, value in loader:
            optimizer.zero_grad()
            loss = criterion(net(features), value)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()}, step=step)
            step += 1
        with torch.no_grad():
            run.log({"val_loss": criterion(net(x_test), target[2000:]).item()}, step=step - 1)
    with torch.no_grad():
        euros = net(x_test).squeeze(1) * price_std + price_mean
    truth = torch.from_numpy(price[2000:])
    return max(0.0, 1 - ((euros - truth).pow(2).mean() / truth.var()).item())


PROGRAM = Program(train, causes=("target_not_scaled",))
