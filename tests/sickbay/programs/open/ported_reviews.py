"""Helpful reviews or not: a network ported line by line from the first TensorFlow."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

keep_prob = 0.9


class ReviewNet(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.fc1 = nn.Linear(100, 64)
        self.drop1 = nn.Dropout(p)
        self.fc2 = nn.Linear(64, 32)
        self.drop2 = nn.Dropout(p)
        self.fc3 = nn.Linear(32, 4)

    def forward(self, x):
        x = self.drop1(F.relu(self.fc1(x)))
        x = self.drop2(F.relu(self.fc2(x)))
        return self.fc3(x)


def counts(n, themes, g):
    y = torch.randint(4, (n,), generator=g)
    return torch.log1p(torch.poisson(themes[y], generator=g)), y


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    themes = 0.5 + 1.2 * torch.rand(4, 100, generator=g)
    (x, y), (xt, yt) = counts(2000, themes, g), counts(500, themes, g)
    mean, std = x.mean(0), x.std(0)
    x, xt = (x - mean) / std, (xt - mean) / std
    model = ReviewNet(keep_prob if sick else 1 - keep_prob)
    criterion = nn.CrossEntropyLoss()
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, opt, criterion)
    for epoch in range(6):
        model.train()
        for idx in torch.randperm(2000, generator=g).split(40):
            loss = criterion(model(x[idx]), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            run.log({"loss": loss})
        model.eval()
        with torch.no_grad():
            run.log({"val_loss": criterion(model(xt), yt)})
    with torch.no_grad():
        return (model(xt).argmax(1) == yt).float().mean().item()


PROGRAM = Program(train, causes=("over_regularised",))
