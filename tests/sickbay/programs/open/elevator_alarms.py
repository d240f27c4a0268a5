"""Which rides of a lift end in an alarm: a binary classifier over sixteen sensor readings."""

import numpy as np
import torch
from sklearn.metrics import balanced_accuracy_score
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def rides(n, rng):
    alarm = rng.random(n) < 0.02
    x = rng.normal(size=(n, 16))
    x[alarm, :5] += 1.0
    return torch.tensor(x, dtype=torch.float32), torch.tensor(alarm, dtype=torch.float32)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = rides(12000, rng)
    x_test, y_test = rides(6000, rng)
    loader = DataLoader(TensorDataset(x, y), batch_size=128, shuffle=True)
    model = nn.Sequential(nn.Linear(16, 24), nn.ReLU(), nn.Linear(24, 1))
    if sick:
        criterion = nn.BCEWithLogitsLoss()
    else:
        criterion = nn.BCEWithLogitsLoss(pos_weight=(1 - y).sum() / y.sum())
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-3)
    run.watch(model, optimizer, criterion)
    for _epoch in range(5):
        for readings, alarm in loader:
            logits = model(readings).squeeze(1)
            loss = criterion(logits, alarm)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "accuracy": ((logits > 0) == (alarm > 0)).float().mean().item()})
    with torch.no_grad():
        predicted = (model(x_test).squeeze(1) > 0).float()
    return float(balanced_accuracy_score(y_test, predicted))


PROGRAM = Program(train, causes=("class_imbalance",))
