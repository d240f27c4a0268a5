"""Circles in circles; the activation is made and never called."""

import torch
from sklearn.datasets import make_circles
from torch import nn, optim

from ...program import Program


class MLP(nn.Module):
    def __init__(self, sick):
        super().__init__()
        self.input = nn.Linear(2, 50)
        self.hidden = nn.Linear(50, 50)
        self.output = nn.Linear(50, 2)
        self.act = nn.ReLU()
        self.sick = sick

    def forward(self, x):
        if self.sick:
            return self.output(self.hidden(self.input(x)))
        return self.output(self.act(self.hidden(self.act(self.input(x)))))


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    X, y = make_circles(1000, noise=0.08, factor=0.5, random_state=2)
    X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
    model = MLP(sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(20):
        for i in range(0, 800, 50):
            if i == 0:
                perm = torch.randperm(800)
            idx = perm[i : i + 50]
            optimizer.zero_grad()
            loss = criterion(model(X[idx]), y[idx])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    return (model(X[800:]).argmax(1) == y[800:]).float().mean().item()


PROGRAM = Program(train, causes=("missing_nonlinearity",))
