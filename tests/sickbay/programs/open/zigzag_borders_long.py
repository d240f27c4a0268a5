"""Three winding arms in the plane, trained on the whole set at each step and long after it is learned."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def arms(n_each, rng):
    points, labels = [], []
    for k in range(3):
        r = np.sqrt(rng.uniform(0.02, 1, n_each))
        angle = 3.8 * r + 2 * np.pi * k / 3 + rng.normal(0, 0.12, n_each)
        points.append(np.c_[r * np.cos(angle), r * np.sin(angle)])
        labels.append(np.full(n_each, k))
    return np.concatenate(points).astype("float32"), np.concatenate(labels)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    X, y = arms(150, rng)
    Xt, yt = arms(300, rng)
    scale = X.std(0)
    X, Xt = torch.from_numpy(X / scale), torch.from_numpy(Xt / scale)
    y, yt = torch.from_numpy(y), torch.from_numpy(yt)

    model = nn.Sequential(nn.Linear(2, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 3))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3, weight_decay=1e-4)
    run.watch(model, optimizer)
    for step in range(800):
        scores = model(X)
        loss = nn.functional.cross_entropy(scores, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 10 == 0:
            acc = (scores.argmax(1) == y).float().mean()
            run.log({"loss": loss.item(), "acc": acc.item()}, step=step)
    with torch.no_grad():
        return (model(Xt).argmax(1) == yt).float().mean().item()


PROGRAM = Program(train)
