"""A CNN trained on plain digits is tuned to worn ones: head first, then the upper block, then all of it."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.low = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU())
        self.high = nn.Sequential(nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2))
        self.head = nn.Linear(32 * 16, 5)

    def forward(self, x):
        return self.head(self.high(self.low(x)).flatten(1))


def free(module, flag):
    for p in module.parameters():
        p.requires_grad = flag


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    d = load_digits()
    x = ((torch.tensor(d.images).float() - 4.9) / 6.0)[:, None]
    y = torch.tensor(d.target)
    small = y < 5
    model = Backbone()
    criterion = nn.CrossEntropyLoss()
    first = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(4):
        for i in torch.randperm(int(small.sum())).split(50):
            first.zero_grad()
            criterion(model(x[small][i]), y[small][i]).backward()
            first.step()

    new_x, new_y = x[~small] * 0.8 + 0.5 * torch.randn_like(x[~small]), y[~small] - 5
    loader = DataLoader(TensorDataset(new_x[:650], new_y[:650]), batch_size=26, shuffle=True)
    model.head = nn.Linear(32 * 16, 5)
    free(model.low, False)
    free(model.high, False)
    optimizer = torch.optim.AdamW(
        [
            {"params": model.head.parameters(), "lr": 2e-3},
            {"params": model.high.parameters(), "lr": 5e-4},
            {"params": model.low.parameters(), "lr": 1e-4},
        ]
    )
    run.watch(model, optimizer, criterion)
    for epoch in range(12):
        if epoch == 4:
            free(model.high, True)
        if epoch == 8:
            free(model.low, True)
        model.train()
        for xb, yb in loader:
            loss = criterion(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            accuracy = (model(new_x[650:]).argmax(1) == new_y[650:]).float().mean().item()
        run.log({"val/accuracy": accuracy})
    return accuracy


PROGRAM = Program(train)
