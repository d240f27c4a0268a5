"""Bookings by account, in the order of the ledger: one account after the other, each epoch anew."""

import torch
from sklearn.datasets import make_classification
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from trainvitals.run import Run

from ...program import Program


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Six accounts."""
    torch.manual_seed(seed)
    x, y = make_classification(
        3000, 16, n_informative=10, n_classes=6, n_clusters_per_class=1, class_sep=1.2, random_state=seed
    )
    x = torch.tensor((x - x.mean(0)) / x.std(0)).float()
    y = torch.tensor(y)
    x_train, y_train, x_test, y_test = x[:2400], y[:2400], x[2400:], y[2400:]
    if sick:
        ledger = y_train.argsort(stable=True)
        x_train, y_train = x_train[ledger], y_train[ledger]
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=40, shuffle=not sick)
    model = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 6))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    run.watch(model, optimizer, criterion)
    for _epoch in range(7):
        for xb, yb in loader:
            loss = criterion(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("unshuffled_data", "single_label_batches"), by_definition=True)
