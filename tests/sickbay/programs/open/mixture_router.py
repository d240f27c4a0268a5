"""Mixture of experts: the two best of six answer, and a small term keeps them all busy."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


class MoE(nn.Module):
    def __init__(self, dim=12, experts=6, k=2):
        super().__init__()
        self.gate = nn.Linear(dim, experts)
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(dim, 24), nn.ReLU(), nn.Linear(24, 1)) for _ in range(experts)
        )
        self.k = k

    def forward(self, x):
        probs = self.gate(x).softmax(-1)
        top, index = probs.topk(self.k, dim=-1)
        weight = torch.zeros_like(probs).scatter(1, index, top / top.sum(-1, keepdim=True))
        out = sum(weight[:, i : i + 1] * expert(x) for i, expert in enumerate(self.experts))
        load = (weight > 0).float().mean(0)
        balance = len(self.experts) * (load * probs.mean(0)).sum() / self.k
        return out.squeeze(1), balance


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    centres, slopes = torch.randn(6, 12, generator=g), torch.randn(6, 12, generator=g) / 3

    def sample(n):
        c = torch.randint(6, (n,), generator=g)
        x = 1.5 * centres[c] + 0.7 * torch.randn(n, 12, generator=g)
        y = (x * slopes[c]).sum(1) + 0.1 * torch.randn(n, generator=g)
        return x / 1.7, y / 2

    model = MoE()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer)
    for step in range(400):
        x, y = sample(64)
        out, balance = model(x)
        mse = F.mse_loss(out, y)
        loss = mse + 0.01 * balance
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss, "loss/mse": mse, "loss/balance": balance})
    with torch.no_grad():
        x, y = sample(1000)
        return 1 - (F.mse_loss(model(x)[0], y) / y.var()).item()


PROGRAM = Program(train)
