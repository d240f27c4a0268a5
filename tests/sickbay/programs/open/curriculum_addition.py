"""Sums of digit sequences, short ones first: the loss jumps each time the sequences get longer."""

import torch
from torch import nn

from ...program import Program


def sums(n, length):
    x = torch.randint(0, 10, (n, length))
    return x, x.float().sum(1, keepdim=True) / 10


class Adder(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(10, 12)
        self.lstm = nn.LSTM(12, 32, batch_first=True)
        self.fc = nn.Linear(32, 1)

    def forward(self, x):
        return self.fc(self.lstm(self.emb(x))[0][:, -1])


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    model = Adder()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=8e-3)
    run.watch(model, optimizer, criterion)
    for step in range(480):
        x, y = sums(48, 2 + step // 120)
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        x, y = sums(500, 5)
        return 1 - (model(x) - y).pow(2).mean().item() / y.var().item()


PROGRAM = Program(train)
