"""Sorts galaxies into four types by ten brightness bands, with a deep dense network."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def galaxies(n, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 10)).astype(np.float32)
    kind = 2 * (x[:, 0] + x[:, 1] > 0) + (x[:, 2] - 0.7 * x[:, 3] > 0)
    return torch.from_numpy(x), torch.from_numpy(kind.astype(np.int64))


def deep_net(width, depth, activation):
    layers = [nn.Linear(10, width), activation()]
    for _ in range(depth - 1):
        layers += [nn.Linear(width, width), activation()]
    layers.append(nn.Linear(width, 4))
    return nn.Sequential(*layers)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = galaxies(3600, seed)
    loader = DataLoader(TensorDataset(x[:3000], y[:3000]), batch_size=60, shuffle=True)
    model = deep_net(96, 7, nn.Sigmoid if sick else nn.ReLU)
    if not sick:
        for module in model:
            if isinstance(module, nn.Linear):
                nn.init.kaiming_uniform_(module.weight, nonlinearity="relu")
                nn.init.zeros_(module.bias)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    run.watch(model, optimizer, criterion)
    for epoch in range(14):
        for bands, kinds in loader:
            optimizer.zero_grad()
            loss = criterion(model(bands), kinds)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            logits = model(x[3000:])
            accuracy = (logits.argmax(1) == y[3000:]).float().mean().item()
        run.log({"epoch": epoch, "val_accuracy": accuracy, "val_loss": criterion(logits, y[3000:]).item()})
    return accuracy


PROGRAM = Program(train, causes=("vanishing_gradient",))
