"""A physics-informed network finds the sag of a loaded cable from its differential equation alone."""

import math

import torch
import torch.nn as nn

from ...program import Program


def exact(x):
    return torch.sin(math.pi * x) + 0.3 * torch.sin(2 * math.pi * x)


def load(x):
    return -torch.sin(math.pi * x) - 1.2 * torch.sin(2 * math.pi * x)


def derivative(u, x):
    return torch.autograd.grad(u, x, torch.ones_like(u), create_graph=True)[0]


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    cable = nn.Sequential(
        nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1)
    )
    for m in cable:
        if isinstance(m, nn.Linear):
            nn.init.xavier_normal_(m.weight)
            nn.init.zeros_(m.bias)
    steps = 800
    opt = torch.optim.Adam(cable.parameters(), lr=3e-3)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, steps, eta_min=3e-5)
    run.watch(cable, opt)
    ends = torch.tensor([[0.0], [1.0]])
    for step in range(steps):
        x = torch.rand(128, 1, requires_grad=True)
        u = cable(2 * x - 1)
        bend = derivative(derivative(u, x), x) / math.pi**2
        pde = (bend - load(x)).pow(2).mean()
        fixed = cable(2 * ends - 1).pow(2).mean()
        loss = pde + 10 * fixed
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        run.log({"loss": loss.item(), "pde": pde.item(), "boundary": fixed.item()})
    with torch.no_grad():
        x = torch.linspace(0, 1, 201)[:, None]
        truth = exact(x)
        return max(0.0, 1 - ((cable(2 * x - 1) - truth) ** 2).mean().item() / truth.var().item())


PROGRAM = Program(train)
