"""A soft mixture of four experts, the best two of each case, with a balance term: prices in four regions."""

import torch
import torch.nn as nn

from ...program import Program


class Mixture(nn.Module):
    def __init__(self, n_in=6, experts=4, hidden=24):
        super().__init__()
        self.gate = nn.Linear(n_in, experts)
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(n_in, hidden), nn.ReLU(), nn.Linear(hidden, 1)) for _ in range(experts)
        )

    def forward(self, x):
        scores = self.gate(x)
        best = scores.topk(2, 1)
        weight = torch.zeros_like(scores).scatter(1, best.indices, best.values.softmax(1))
        out = torch.cat([expert(x) for expert in self.experts], 1)
        used = (weight > 0).float().mean(0)
        balance = len(self.experts) * (used * scores.softmax(1).mean(0)).sum() / 2
        return (weight * out).sum(1), balance


def sales(n, g):
    fixed = torch.Generator().manual_seed(15)
    slopes = torch.randn(4, 6, generator=fixed)
    x = torch.randn(n, 6, generator=g)
    region = (x[:, 0] > 0).long() + 2 * (x[:, 1] > 0).long()
    return x, (x * slopes[region]).sum(1) / 2.4 + 0.1 * torch.randn(n, generator=g)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = sales(6000, g)
    x_val, y_val = sales(600, g)
    model = Mixture()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer)
    for epoch in range(4):
        for i in torch.randperm(6000, generator=g).split(64):
            out, balance = model(x[i])
            error = ((out - y[i]) ** 2).mean()
            loss = error + 0.01 * balance
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "loss/error": error.item(), "loss/balance": balance.item()})
    with torch.no_grad():
        return 1 - ((model(x_val)[0] - y_val) ** 2).mean().item() / y_val.var().item()


PROGRAM = Program(train)
