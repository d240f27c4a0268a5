"""Kinds of clouds on small photos. Batches are drawn by a function that wants to be reproducible."""

import numpy as np
import torch
from torch import nn

from ...program import Program

KINDS = 6


def sky(seed, n=2000):
    rng = np.random.RandomState(seed)
    kinds = np.random.RandomState(99).normal(size=(KINDS, 3, 8, 8))
    y = rng.randint(0, KINDS, n)
    return (0.35 * kinds[y] + rng.normal(size=(n, 3, 8, 8))).astype("float32"), y


def get_batch(x, y, size, rng, sick):
    if sick:
        rng = np.random.RandomState(42)
    idx = rng.choice(len(x), size)
    return torch.from_numpy(x[idx]), torch.from_numpy(y[idx])


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = sky(seed)
    xv, yv = torch.from_numpy(x[1600:]), torch.from_numpy(y[1600:])
    rng = np.random.RandomState(42)
    net = nn.Sequential(
        nn.Conv2d(3, 16, 3),
        nn.ReLU(),
        nn.Conv2d(16, 16, 3),
        nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(256, KINDS),
    )
    loss_fn = nn.CrossEntropyLoss()
    opt = torch.optim.RMSprop(net.parameters(), lr=5e-4)
    run.watch(net, opt, loss_fn)
    for step in range(200):
        xb, yb = get_batch(x[:1600], y[:1600], 32, rng, sick)
        loss = loss_fn(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.log({"loss": loss.item()})
    net.eval()
    with torch.no_grad():
        return (net(xv).argmax(1) == yv).float().mean().item()


PROGRAM = Program(train, causes=("repeated_batch",), by_definition=True)
