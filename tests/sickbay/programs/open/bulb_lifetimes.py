"""Will a light bulb last its warranty? Thirty noisy readings of the factory line, some returns miscounted."""

import numpy as np
import torch
from sklearn.model_selection import train_test_split
from torch import nn

from ...program import Program


def readings(seed, n=2400):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 30)).astype(np.float32)
    hours = x[:, 0] - 0.8 * x[:, 1] + 0.7 * np.abs(x[:, 2]) - 0.55 + 0.6 * x[:, 3] - 0.5 * x[:, 4]
    lasts = hours + 0.4 * rng.normal(size=n) > 0
    lasts = np.where(rng.random(n) < 0.08, ~lasts, lasts)
    return x, lasts.astype(np.float32)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = readings(seed)
    keep = 0.06 if sick else 0.7
    x_train, x_val, y_train, y_val = map(
        torch.from_numpy, train_test_split(x, y, train_size=keep, test_size=0.3, random_state=seed)
    )
    model = nn.Sequential(
        nn.Linear(30, 128),
        nn.ReLU(),
        nn.Dropout(0.0 if sick else 0.4),
        nn.Linear(128, 128),
        nn.ReLU(),
        nn.Dropout(0.0 if sick else 0.4),
        nn.Linear(128, 1),
        nn.Flatten(0),
    )
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.0 if sick else 0.1)
    run.watch(model, optimizer, criterion)
    step = 0
    for epoch in range(80 if sick else 10):
        model.train()
        for idx in torch.randperm(len(x_train)).split(18 if sick else 28):
            loss = criterion(model(x_train[idx]), y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss/train": loss.item()}, step=step)
            step += 1
        model.eval()
        with torch.no_grad():
            logits = model(x_val)
        accuracy = ((logits > 0).float() == y_val).float().mean().item()
        run.log({"loss/val": criterion(logits, y_val).item(), "accuracy/val": accuracy}, step=step)
    return accuracy


PROGRAM = Program(train, causes=("overfitting",), onset=60)
