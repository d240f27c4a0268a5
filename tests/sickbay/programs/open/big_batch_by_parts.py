"""A classifier whose gradients of four small batches are added up, in bfloat16 autocast."""

import torch
from sklearn.datasets import make_blobs
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    X, y = make_blobs(4000, 12, centers=20, cluster_std=2.2, random_state=seed + 9)
    X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
    y = torch.tensor(y % 10)
    loader = DataLoader(TensorDataset(X[:3200], y[:3200]), batch_size=16, shuffle=True, drop_last=True)
    model = nn.Sequential(nn.Linear(12, 96), nn.GELU(), nn.Linear(96, 96), nn.GELU(), nn.Linear(96, 10))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    accumulate = 4
    for epoch in range(8):
        shown = 0.0
        for i, (xb, yb) in enumerate(loader):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = criterion(model(xb), yb) / accumulate
            loss.backward()
            shown += loss.item()
            if (i + 1) % accumulate == 0:
                optimizer.step()
                optimizer.zero_grad()
                run.log({"loss": shown})
                shown = 0.0
    with torch.no_grad():
        return (model(X[3200:]).argmax(1) == y[3200:]).float().mean().item()


PROGRAM = Program(train)
