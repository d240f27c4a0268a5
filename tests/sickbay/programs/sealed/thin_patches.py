"""Low-rank patches (LoRA, rank 4) on a frozen regressor that has to follow a changed machine."""

import torch
import torch.nn as nn

from ...program import Program


class Patched(nn.Module):
    def __init__(self, base, rank=4, alpha=8):
        super().__init__()
        self.base = base.requires_grad_(False)
        self.lora_A = nn.Parameter(torch.randn(rank, base.in_features) / base.in_features**0.5)
        self.lora_B = nn.Parameter(torch.zeros(base.out_features, rank))
        self.scaling = alpha / rank

    def forward(self, x):
        return self.base(x) + self.scaling * (x @ self.lora_A.t()) @ self.lora_B.t()


def machine(n, g, angle):
    x = torch.randn(n, 10, generator=g)
    turn = torch.tensor(angle)
    u = turn.cos() * x[:, 0] + turn.sin() * x[:, 1]
    return x, (torch.sin(1.5 * u) + 0.5 * x[:, 2] * x[:, 3] + 0.05 * torch.randn(n, generator=g)).unsqueeze(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    net = nn.Sequential(nn.Linear(10, 96), nn.GELU(), nn.Linear(96, 96), nn.GELU(), nn.Linear(96, 1))
    mse = nn.MSELoss()
    old = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(350):
        x, y = machine(100, g, 0.0)
        old.zero_grad()
        mse(net(x), y).backward()
        old.step()
    net.requires_grad_(False)
    net[0], net[2] = Patched(net[0]), Patched(net[2])
    opt = torch.optim.AdamW([p for p in net.parameters() if p.requires_grad], lr=5e-3, weight_decay=0.0)
    run.watch(net, opt, mse)
    for step in range(350):
        x, y = machine(64, g, 0.9)
        loss = mse(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.log({"train/mse": loss.item()})
    x, y = machine(600, g, 0.9)
    with torch.no_grad():
        return 1 - (mse(net(x), y) / y.var()).item()


PROGRAM = Program(train)
