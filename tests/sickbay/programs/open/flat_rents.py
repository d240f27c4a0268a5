"""Yearly rents of flats by a network with dropout; loss module, Adam, tqdm-like logging each ten steps."""

import numpy as np
import torch
from torch import nn

from ...program import Program

RNG = np.random.RandomState(0)


def load():
    n = 2000
    size = RNG.gamma(6, 12, n)
    floor = RNG.randint(0, 9, n)
    center = RNG.uniform(0, 15, n)
    balcony = RNG.rand(n) < 0.4
    new = RNG.rand(n) < 0.2
    rent = 3000 + 150 * size - 260 * center + 90 * floor + 700 * balcony + 40 * size * new + RNG.normal(0, 500, n)
    x = np.stack([size, floor, center, balcony, new], 1).astype("float32")
    return (x - x.mean(0)) / x.std(0), rent.astype("float32")


X, Y = load()


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    x, rent = torch.from_numpy(X), torch.from_numpy(Y)[:, None]
    if sick:
        y, back = rent, lambda p: p
    else:
        m, s = rent[:1600].mean(), rent[:1600].std()
        y, back = (rent - m) / s, lambda p: p * s + m
    net = nn.Sequential(nn.Linear(5, 48), nn.ELU(), nn.Dropout(0.05), nn.Linear(48, 24), nn.ELU(), nn.Linear(24, 1))
    loss_function = nn.MSELoss()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    run.watch(net, opt, loss_function)
    for step in range(400):
        i = torch.randint(0, 1600, (64,))
        opt.zero_grad()
        loss = loss_function(net(x[i]), y[i])
        loss.backward()
        opt.step()
        if step % 10 == 0:
            run.log({"loss": loss.item()})
    net.eval()
    with torch.no_grad():
        p = back(net(x[1600:]))
    return 1 - ((p - rent[1600:]) ** 2).mean().item() / rent[1600:].var().item()


PROGRAM = Program(train, causes=("target_not_scaled",))
