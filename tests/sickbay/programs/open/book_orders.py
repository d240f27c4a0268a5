"""Whether an order of books is sent back, from one-hot shop, shelf, month and binding: a wide sparse table."""

import numpy as np
import torch
from sklearn.preprocessing import OneHotEncoder
from torch import nn

from ...program import Program


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    n = 6000
    columns = np.stack([rng.integers(0, k, n) for k in (40, 24, 12, 3)], axis=1)
    effect = [rng.normal(0, s, k) for s, k in zip((1.6, 1.6, 1.0, 0.5), (40, 24, 12, 3), strict=True)]
    score = sum(e[columns[:, i]] for i, e in enumerate(effect))
    back = (score + 0.3 * rng.normal(size=n) > 0).astype(np.float32)
    x = torch.tensor(OneHotEncoder(sparse_output=False).fit_transform(columns), dtype=torch.float32)
    y = torch.tensor(back).unsqueeze(1)
    model = nn.Sequential(
        nn.Linear(79, 256), nn.ReLU(), nn.Dropout(0.2), nn.Linear(256, 64), nn.ReLU(), nn.Linear(64, 1)
    )
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(7):
        model.train()
        for rows in torch.randperm(5000).split(64):
            optimizer.zero_grad()
            loss = criterion(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            out = model(x[5000:])
            run.log({"epoch": epoch, "val_loss": criterion(out, y[5000:]).item()})
    return ((out > 0) == (y[5000:] > 0.5)).float().mean().item()


PROGRAM = Program(train)
