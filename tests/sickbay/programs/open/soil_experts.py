"""Three soil regions, six experts: a gate sends each sample to two of them."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


class SoilExperts(nn.Module):
    def __init__(self, n_in=8, n_experts=6, hidden=24):
        super().__init__()
        self.gate = nn.Linear(n_in, n_experts)
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(n_in, hidden), nn.ReLU(), nn.Linear(hidden, 1)) for _ in range(n_experts)
        )

    def forward(self, x):
        score, which = self.gate(x).topk(2, dim=1)
        weight = F.softmax(score, dim=1)
        out = x.new_zeros(len(x))
        for e, expert in enumerate(self.experts):
            for slot in range(2):
                rows = (which[:, slot] == e).nonzero().squeeze(1)
                if len(rows):
                    out = out.index_add(0, rows, weight[rows, slot] * expert(x[rows]).squeeze(1))
        return out


def soils(n, gen):
    region = torch.randint(0, 3, (n,), generator=gen)
    x = torch.randn(n, 8, generator=gen)
    x[:, 0] += 3.0 * (region == 1) - 3.0 * (region == 2)
    slope = torch.tensor([[1.0, -0.5], [-1.0, 0.8], [0.5, 1.0]])[region]
    y = slope[:, 0] * x[:, 1] + slope[:, 1] * x[:, 2] + 0.3 * x[:, 3] ** 2 + 0.2 * torch.randn(n, generator=gen)
    x = (x - x.mean(0)) / x.std(0)
    return x, (y - y.mean()) / y.std()


def train(run, *, sick, seed):
    gen = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    x, y = soils(4000, gen)
    model = SoilExperts()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=6e-3)
    run.watch(model, optimizer)
    for step in range(700):
        idx = torch.randint(0, 3400, (24,), generator=gen)
        loss = criterion(model(x[idx]), y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        return float((1 - criterion(model(x[3400:]), y[3400:]) / y[3400:].var()).clamp(0, 1))


PROGRAM = Program(train)
