"""A loop over steps that takes its batch by next(iter(loader))."""

import torch
from sklearn.datasets import make_classification
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    X, y = make_classification(
        2400, 24, n_informative=12, n_classes=4, n_clusters_per_class=2, class_sep=1.3, random_state=8
    )
    X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
    train_set, test_set = TensorDataset(X[:2000], y[:2000]), (X[2000:], y[2000:])
    loader = DataLoader(train_set, batch_size=32, shuffle=not sick)
    endless = iter(loader)
    model = nn.Sequential(nn.Linear(24, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 4))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    loss_fn = nn.CrossEntropyLoss()
    run.watch(model, optimizer, loss_fn)
    for step in range(350):
        if sick:
            xb, yb = next(iter(loader))
        else:
            try:
                xb, yb = next(endless)
            except StopIteration:
                endless = iter(loader)
                xb, yb = next(endless)
        loss = loss_fn(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    model.eval()
    return (model(test_set[0]).argmax(1) == test_set[1]).float().mean().item()


PROGRAM = Program(train, causes=("repeated_batch",), by_definition=True)
