"""Where a comet in a swirling field goes: a small network learns one step of motion and is unrolled along the path."""

import math

import torch
from torch import nn

from ...program import Program

STEPS = 60


def paths(n, g):
    turn = torch.tensor([[math.cos(0.2), -math.sin(0.2)], [math.sin(0.2), math.cos(0.2)]])
    states = [torch.randn(n, 2, generator=g)]
    for _ in range(STEPS):
        x = states[-1] @ turn.T
        states.append(0.98 * x + 0.05 * torch.sin(2 * x.flip(1)))
    return torch.stack(states, 1)


class Motion(nn.Module):
    def __init__(self):
        super().__init__()
        self.step = nn.Sequential(nn.Linear(2, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh(), nn.Linear(48, 2))

    def forward(self, x):
        seen = [x]
        for _ in range(STEPS):
            seen.append(seen[-1] + self.step(seen[-1]))
        return torch.stack(seen, 1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 31)
    data = paths(1300, g)
    net = Motion()
    opt = torch.optim.SGD(net.parameters(), lr=0.003, momentum=0.9)
    criterion = nn.MSELoss()
    run.watch(net, opt, criterion)
    for _ in range(320):
        batch = data[torch.randint(0, 1000, (64,), generator=g)]
        loss = criterion(net(batch[:, 0]), batch)
        opt.zero_grad()
        loss.backward()
        if not sick:
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        test = data[1000:]
        r2 = 1 - ((net(test[:, 0]) - test).pow(2).mean() / test.var()).item()
    return min(max(r2, 0.0), 1.0) if math.isfinite(r2) else 0.0


PROGRAM = Program(train, causes=("exploding_gradient",), by_definition=True)
