"""Progression of diabetes after a year, standardised, with a network from a Kaggle kernel."""

import numpy as np
import torch
from sklearn.datasets import load_diabetes
from sklearn.metrics import r2_score
from torch import nn

from ...program import Program


def train(run, *, sick, seed):
    X, y = load_diabetes(return_X_y=True)
    X = X / X.std(axis=0)
    y = (y - y.mean()) / y.std()
    order = np.random.default_rng(seed).permutation(len(X))
    tr, te = order[:340], order[340:]
    X, y = X.astype("float32"), y.astype("float32").reshape(-1, 1)

    layers = [nn.Linear(10, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1)]
    if sick:
        layers.append(nn.ReLU())
    model = nn.Sequential(*layers)
    loss_fn = nn.MSELoss()
    opt = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
    run.watch(model, opt, loss_fn)

    rng = np.random.default_rng(seed + 1)
    for it in range(300):
        b = rng.choice(tr, 64, replace=False)
        opt.zero_grad()
        loss = loss_fn(model(torch.from_numpy(X[b])), torch.from_numpy(y[b]))
        loss.backward()
        opt.step()
        run.log({"loss": loss})
        if it % 50 == 49:
            model.eval()
            with torch.no_grad():
                run.log({"val_loss": loss_fn(model(torch.from_numpy(X[te])), torch.from_numpy(y[te]))})
            model.train()
    model.eval()
    with torch.no_grad():
        return r2_score(y[te], model(torch.from_numpy(X[te])).numpy())


PROGRAM = Program(train, causes=("loss_output_mismatch",), by_definition=True)
