"""A cup cools by u' = -k (u - room): the network knows the law and the first temperature, and no data."""

import torch
from torch import nn

from trainvitals.run import Run

from ...program import Program


def train(run: Run, *, sick: bool, seed: int) -> float:
    """A physics-informed network; R2 against the exact solution."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, opt)
    start = torch.zeros(1, 1)
    for _ in range(500):
        t = (torch.rand(64, 1) * 2).requires_grad_()
        u = model(t)
        (slope,) = torch.autograd.grad(u.sum(), t, create_graph=True)
        law = (slope + 1.5 * u).square().mean()
        first = (model(start) - 1).square().mean()
        loss = law + 5 * first
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.log({"loss": loss.item(), "loss/law": law.item(), "loss/first": first.item()})
    t = torch.linspace(0, 2, 100)[:, None]
    truth = torch.exp(-1.5 * t)
    with torch.no_grad():
        return 1 - ((model(t) - truth).square().mean() / truth.var()).item()


PROGRAM = Program(train)
