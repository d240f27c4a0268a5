"""A physics-informed network: the damped spring, its equation and its start."""

import math

import torch
from torch import nn

from ...program import Program


def derivative(y, t):
    return torch.autograd.grad(y, t, torch.ones_like(y), create_graph=True)[0]


def exact(t):
    w = math.sqrt(4 - 0.25)
    return torch.exp(-0.5 * t) * (torch.cos(w * t) + 0.5 / w * torch.sin(w * t))


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    net = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
    run.watch(net, optimizer)
    t0 = torch.zeros(1, 1, requires_grad=True)
    for step in range(600):
        t = (3 * torch.rand(64, 1, generator=g)).requires_grad_(True)
        u = net(t)
        du = derivative(u, t)
        ddu = derivative(du, t)
        loss_ode = (ddu + du + 4 * u).pow(2).mean()
        u0 = net(t0)
        loss_start = (u0 - 1).pow(2).mean() + derivative(u0, t0).pow(2).mean()
        loss = loss_ode + 10 * loss_start
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss, "loss/ode": loss_ode, "loss/start": loss_start})
    with torch.no_grad():
        t = torch.linspace(0, 3, 200)[:, None]
        return 1 - ((net(t) - exact(t)) ** 2).mean().item() / exact(t).var().item()


PROGRAM = Program(train)
