"""To which of four collections a catalogued object belongs, from eighty attributes, with validation each epoch."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


def catalogue(rng, n):
    weight = np.random.default_rng(4).normal(size=(80, 4)) * (np.arange(80) < 25)[:, None]
    x = rng.normal(size=(n, 80))
    y = (x @ weight + 1.5 * rng.gumbel(size=(n, 4))).argmax(1)
    return torch.tensor(x, dtype=torch.float32), torch.tensor(y)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = catalogue(rng, 6000)
    x_val, y_val = catalogue(rng, 1000)
    n_rows, epochs = (160, 120) if sick else (len(x), 4)
    x, y = x[:n_rows], y[:n_rows]
    model = nn.Sequential(
        nn.Linear(80, 128), nn.ReLU(), nn.Dropout(0.4), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 4)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer)
    for epoch in range(epochs):
        model.train()
        for idx in torch.randperm(len(x)).split(40):
            optimizer.zero_grad()
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = F.cross_entropy(model(x[idx]), y[idx])
            loss.backward()
            optimizer.step()
            run.log({"train_loss": loss.item()})
        model.eval()
        with torch.no_grad():
            logits = model(x_val)
        val_acc = (logits.argmax(1) == y_val).float().mean().item()
        run.log({"val_loss": F.cross_entropy(logits, y_val).item(), "val_acc": val_acc})
    return val_acc


PROGRAM = Program(train, causes=("overfitting",))
