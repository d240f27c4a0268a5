"""Which turbine will fail next week? Three in a hundred do."""

import torch
from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def train(run, *, sick, seed):
    X, y = make_classification(
        n_samples=5000, n_features=16, n_informative=5, n_redundant=2, weights=[0.97], class_sep=1.3, flip_y=0.0,
        random_state=seed,
    )  # fmt: skip
    X, y = torch.tensor(X).float(), torch.tensor(y).float()
    X = (X - X.mean(0)) / X.std(0)
    Xt, yt, X, y = X[4000:], y[4000:], X[:4000], y[:4000]
    model = nn.Sequential(nn.Linear(16, 128), nn.ReLU(), nn.Dropout(0.1), nn.Linear(128, 1), nn.Flatten(0))
    pos_weight = None if sick else (y == 0).sum() / (y == 1).sum()
    loss_fn = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, loss_fn)
    model.train()
    for epoch in range(6):
        for xb, yb in DataLoader(TensorDataset(X, y), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            out = model(xb)
            loss = loss_fn(out, yb)
            loss.backward()
            optimizer.step()
            run.log({"train/loss": loss, "train/accuracy": ((out > 0) == (yb > 0)).float().mean()})
    model.eval()
    with torch.no_grad():
        return balanced_accuracy_score(yt, model(Xt) > 0)


PROGRAM = Program(train, causes=("class_imbalance",))
