"""The adding problem for a plain recurrent network with rectifiers; someone's own recurrence."""

import torch
from torch import nn

from ...program import Program


class PlainRNN(nn.Module):
    def __init__(self, scale, hidden=48):
        super().__init__()
        self.inp = nn.Linear(2, hidden)
        self.rec = nn.Linear(hidden, hidden, bias=False)
        self.out = nn.Linear(hidden, 1)
        # "identity initialisation", as in the paper on rectified recurrent networks
        self.rec.weight.data = torch.eye(hidden) * scale
        nn.init.normal_(self.inp.weight, std=0.02)
        nn.init.zeros_(self.inp.bias)

    def forward(self, x):
        h = torch.zeros(len(x), self.rec.in_features)
        for t in range(x.shape[1]):
            h = torch.relu(self.inp(x[:, t]) + self.rec(h))
        return self.out(h)


def adding(n, length=20):
    x = torch.zeros(n, length, 2)
    x[:, :, 0] = torch.rand(n, length)
    first = torch.randint(0, length // 2, (n,))
    second = torch.randint(length // 2, length, (n,))
    k = torch.arange(n)
    x[k, first, 1] = x[k, second, 1] = 1
    return x, (x[k, first, 0] + x[k, second, 0]).unsqueeze(1)


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    model = PlainRNN(1.5 if sick else 1.0)
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for step in range(400):
        x, y = adding(48)
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        if not sick:
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        x, y = adding(500)
        return 1 - (model(x) - y).pow(2).mean().item() / y.var().item()


PROGRAM = Program(train, causes=("exploding_activation", "exploding_gradient", "bad_initialisation"))
