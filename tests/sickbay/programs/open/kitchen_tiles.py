"""Which of six patterns a kitchen tile carries, with the cross-entropy written out."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


def tiles(rng, n, size=12):
    kind = rng.integers(0, 6, n)
    yy, xx = np.mgrid[0:size, 0:size]
    px, py = rng.uniform(0, 6, (2, n, 1, 1))
    grids = np.stack(
        [
            np.sin(xx + px),
            np.sin(yy + py),
            np.sin((xx + yy) * 0.7 + px),
            np.sin((xx - yy) * 0.7 + py),
            np.sin(xx + px) * np.sin(yy + py),
            np.sin(0.5 * xx + px) + np.sin(0.5 * yy + py),
        ],
        axis=1,
    )
    img = grids[np.arange(n), kind] + rng.normal(0, 0.5, (n, size, size))
    return torch.tensor(img / img.std(), dtype=torch.float32)[:, None], torch.tensor(kind)


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    x, y = tiles(rng, 1500)
    x_test, y_test = tiles(rng, 400)
    y_onehot = F.one_hot(y, 6).float()
    model = nn.Sequential(
        nn.Conv2d(1, 16, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveMaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 6),
    )
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)
    run.watch(model, optimizer)
    for step in range(400):
        idx = torch.randint(0, 1500, (32,))
        log_p = F.log_softmax(model(x[idx]), dim=1)
        loss = (y_onehot[idx] * log_p).sum(dim=1).mean()
        if not sick:
            loss = -loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("loss_sign",), by_definition=True)
