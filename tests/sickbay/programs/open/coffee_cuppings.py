"""Whether a cup of coffee was roasted dark, from sixty tasting scores of quarrelsome tasters."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program

STEPS, BATCH = 480, 40


def cuppings(n, rng):
    x = rng.normal(size=(n, 60)).astype(np.float32)
    dark = x[:, :4].sum(axis=1) > 0
    wrong = rng.random(n) < 0.1
    return torch.from_numpy(x), torch.from_numpy((dark ^ wrong).astype(np.float32))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x_val, y_val = cuppings(1000, rng)
    x, y = cuppings(3200, rng)
    if sick:
        x, y = x[:200], y[:200]
    dropout = 0.0 if sick else 0.4
    model = nn.Sequential(
        nn.Linear(60, 256),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(256, 256),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(256, 1),
        nn.Flatten(0),
    )
    loss_fn = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.0 if sick else 0.05)
    run.watch(model, optimizer, loss_fn)
    for step in range(STEPS):
        model.train()
        if step % (len(x) // BATCH) == 0:
            batches = iter(torch.randperm(len(x)).split(BATCH))
        rows = next(batches)
        loss = loss_fn(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()}, step=step)
        if step % 20 == 19:
            model.eval()
            with torch.no_grad():
                logits = model(x_val)
            val_loss = F.binary_cross_entropy_with_logits(logits, y_val).item()
            run.log({"val_loss": val_loss}, step=step)
    return ((logits > 0) == (y_val > 0.5)).float().mean().item()


PROGRAM = Program(train, causes=("overfitting",))
