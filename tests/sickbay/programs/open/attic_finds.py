"""What an old thing from the attic is worth, by two rectified layers."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


class Appraiser(nn.Module):
    def __init__(self, start):
        super().__init__()
        self.a = nn.Linear(10, 80)
        self.b = nn.Linear(80, 80)
        self.c = nn.Linear(80, 1)
        for layer in (self.a, self.b):
            nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
            nn.init.constant_(layer.bias, start)

    def forward(self, x):
        return self.c(F.relu(self.b(F.relu(self.a(x)))))[:, 0]


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x = torch.randn(2500, 10)
    y = x[:, 0] * x[:, 1] + torch.sin(2 * x[:, 2]) + 0.7 * x[:, 3] + 0.1 * torch.randn(2500)
    y = (y - y.mean()) / y.std()
    model = Appraiser(-6.0 if sick else 0.01)
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, opt, F.mse_loss)
    for epoch in range(12):
        for rows in torch.randperm(2000).split(40):
            loss = F.mse_loss(model(x[rows]), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
            run.log({"mse": loss.item()})
        with torch.no_grad():
            run.log({"val_mse": F.mse_loss(model(x[2000:]), y[2000:]).item()})
    with torch.no_grad():
        return max(0.0, 1 - F.mse_loss(model(x[2000:]), y[2000:]).item() / y[2000:].var().item())


PROGRAM = Program(train, causes=("dead_units", "bad_initialisation"))
