"""Where the hook of a two-jointed crane hangs, learnt from its joint angles and cable length."""

import math

import torch
from torch import nn

from ...program import Program


class CraneNet(nn.Module):
    def __init__(self, width, act):
        super().__init__()
        self.fc_in = nn.Linear(3, width)
        self.fc_mid1 = nn.Linear(width, width)
        self.fc_mid2 = nn.Linear(width, width)
        self.fc_out = nn.Linear(width, 2)
        self.act = act

    def forward(self, q):
        h = self.act(self.fc_in(q))
        h = self.act(self.fc_mid1(h))
        h = self.act(self.fc_mid2(h))
        return self.fc_out(h)


def simulate(n, gen):
    q = 2 * torch.rand(n, 3, generator=gen) - 1
    a, b = math.pi * q[:, 0], math.pi * 0.75 * q[:, 1]
    x = torch.cos(a) + 0.8 * torch.cos(a + b)
    y = torch.sin(a) + 0.8 * torch.sin(a + b) - 0.4 * (1 + q[:, 2])
    out = torch.stack([x, y], 1)
    return q * 1.73, (out - torch.tensor([0.0, -0.4])) / 0.9


def train(run, *, sick, seed):
    gen = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    q, pos = simulate(4000, gen)
    q_val, pos_val = simulate(800, gen)
    model = CraneNet(64, nn.Identity() if sick else nn.SiLU())
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    mse = nn.MSELoss()
    run.watch(model, opt)
    for step in range(700):
        pick = torch.randint(0, len(q), (128,), generator=gen)
        loss = mse(model(q[pick]), pos[pick])
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        if step % 5 == 0:
            run.log({"mse": loss.item()}, step=step)
    with torch.no_grad():
        err = mse(model(q_val), pos_val) / pos_val.var()
    return max(0.0, 1.0 - err.item())


PROGRAM = Program(train, causes=("missing_nonlinearity",), by_definition=True)
