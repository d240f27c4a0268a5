"""Sorts the buttons of a tin by eight makers from one-hot attributes; label smoothing, the batch's losses summed."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

LEVELS = (12, 9, 7, 6, 10, 8)


def tin(n, g):
    maker = torch.randint(0, 8, (n,), generator=g)
    columns = []
    for k in LEVELS:
        table = torch.from_numpy(np.random.default_rng(100 + k).dirichlet(np.full(k, 0.5), size=8))
        columns.append(F.one_hot(torch.multinomial(table[maker], 1, generator=g).squeeze(1), k))
    return torch.cat(columns, 1).float(), maker


def train(run, *, sick=False, seed):
    g = torch.Generator().manual_seed(seed)
    x, y = tin(6000, g)
    torch.manual_seed(seed)
    model = nn.Sequential(
        nn.Linear(sum(LEVELS), 256),
        nn.ReLU(),
        nn.Dropout(0.3),
        nn.Linear(256, 256),
        nn.ReLU(),
        nn.Dropout(0.3),
        nn.Linear(256, 8),
    )
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1, reduction="sum")
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05 / 64, momentum=0.9, nesterov=True)
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        model.train()
        for i in torch.randperm(5000).split(64):
            optimizer.zero_grad()
            loss = criterion(model(x[i]), y[i])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            accuracy = (model(x[5000:]).argmax(1) == y[5000:]).float().mean().item()
        run.log({"val/acc": accuracy})
    return accuracy


PROGRAM = Program(train)
