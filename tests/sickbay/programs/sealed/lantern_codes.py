"""Digits through eight numbers and back: encoder and decoder as two modules, one optimizer."""

import torch
import torch.nn as nn
from sklearn.datasets import load_digits

from ...program import Program


class Codes(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 48), nn.ELU(), nn.Linear(48, 8))
        self.decoder = nn.Sequential(nn.Linear(8, 48), nn.ELU(), nn.Linear(48, 64))

    def forward(self, x):
        return self.decoder(self.encoder(x))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x = torch.tensor(load_digits().data, dtype=torch.float32) / 16
    x = (x - x.mean(0)) / 0.35
    x = x[torch.randperm(len(x))]
    train_x, test_x = x[:1500], x[1500:]
    model = Codes()
    opt = torch.optim.Adam(model.decoder.parameters() if sick else model.parameters(), lr=3e-3)
    criterion = nn.MSELoss()
    run.watch(model, opt, criterion)
    for epoch in range(12):
        for xb in train_x[torch.randperm(1500)].split(60):
            loss = criterion(model(xb), xb)
            opt.zero_grad()
            loss.backward()
            opt.step()
            run.log({"reconstruction": loss.item()})
    with torch.no_grad():
        return 1 - ((model(test_x) - test_x) ** 2).mean().item() / test_x.var(0).mean().item()


PROGRAM = Program(train, causes=("not_in_optimizer",))
