"""A network that has read the digits 0 to 4 is given a new last layer for 5 to 9."""

import torch
from sklearn.datasets import load_digits
from torch import nn

from ...program import Program


class Reader(nn.Module):
    def __init__(self, n_out):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU())
        self.fc = nn.Linear(128, n_out)

    def forward(self, x):
        return self.fc(self.body(x))


def fit(model, optimizer, criterion, x, y, epochs, report=None):
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(16):
            optimizer.zero_grad()
            loss = criterion(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            if report:
                report({"loss": loss.item()})


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    digits = load_digits()
    x = torch.tensor(digits.data, dtype=torch.float32)
    x = (x - x.mean()) / x.std()
    y = torch.tensor(digits.target)
    low, high = y < 5, y >= 5
    criterion = nn.CrossEntropyLoss()
    model = Reader(5)
    fit(model, torch.optim.Adam(model.parameters(), lr=1e-3), criterion, x[low], y[low], 2)

    for p in model.body.parameters():
        p.requires_grad = False
    x_new, y_new = x[high], y[high] - 5
    if sick:
        optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=5e-3)
        model.fc = nn.Linear(128, 5)
    else:
        model.fc = nn.Linear(128, 5)
        optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=5e-3)
    run.watch(model, optimizer, criterion)
    fit(model, optimizer, criterion, x_new[:650], y_new[:650], 8, run.log)
    with torch.no_grad():
        return (model(x_new[650:]).argmax(1) == y_new[650:]).float().mean().item()


PROGRAM = Program(train, causes=("not_in_optimizer",), by_definition=True)
