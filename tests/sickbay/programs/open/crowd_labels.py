"""Labels from a crowd: a quarter of them are wrong; the test set is clean."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn, optim

from ...program import Program


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    data, target = load_digits(return_X_y=True)
    order = rng.permutation(len(data))
    X, Y = torch.tensor((data[order] - 4.9) / 6).float(), target[order]
    noisy = np.where(rng.random(1400) < 0.25, rng.integers(0, 10, 1400), Y[:1400])
    noisy, clean = torch.tensor(noisy), torch.tensor(Y[1400:])
    model = nn.Sequential(nn.Linear(64, 192), nn.ReLU(), nn.Dropout(0.5), nn.Linear(192, 10))
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-3)
    run.watch(model, optimizer)
    for epoch in range(10):
        model.train()
        for rows in torch.randperm(1400).split(40):
            optimizer.zero_grad()
            loss = criterion(model(X[rows]), noisy[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    model.eval()
    return (model(X[1400:]).argmax(1) == clean).float().mean().item()


PROGRAM = Program(train)
