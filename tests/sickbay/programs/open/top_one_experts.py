"""A mixture of experts with top-1 routing and a balance loss; experts not chosen get no gradient in a step."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program

EXPERTS = 6


class MoE(nn.Module):
    def __init__(self):
        super().__init__()
        self.inp = nn.Linear(3, 32)
        self.gate = nn.Linear(32, EXPERTS)
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(32, 32), nn.GELU(), nn.Linear(32, 32)) for _ in range(EXPERTS)
        )
        self.out = nn.Linear(32, 1)

    def forward(self, x):
        h = F.gelu(self.inp(x))
        p = self.gate(h).softmax(-1)
        weight, index = p.max(-1)
        y = torch.zeros_like(h)
        for e, expert in enumerate(self.experts):
            chosen = index == e
            if chosen.any():
                y[chosen] = weight[chosen, None] * expert(h[chosen])
        share = F.one_hot(index, EXPERTS).float().mean(0)
        balance = EXPERTS * (share * p.mean(0)).sum()
        return self.out(h + y), balance


def target(x):
    return torch.where(x[:, :1] > 0, torch.sin(3 * x[:, 1:2]), x[:, 2:] ** 2 - 1) + 0.05 * torch.randn(len(x), 1)


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    model = MoE()
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
    run.watch(model, optimizer)
    for step in range(400):
        x = torch.randn(12, 3) if step % 7 else torch.randn(48, 3)
        y, balance = model(x)
        loss = F.mse_loss(y, target(x)) + 0.01 * balance
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        x = torch.randn(800, 3)
        y = target(x)
        return 1 - (model(x)[0] - y).pow(2).mean().item() / y.var().item()


PROGRAM = Program(train)
