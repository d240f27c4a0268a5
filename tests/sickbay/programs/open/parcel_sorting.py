"""Which belt a parcel belongs on; the biases began at minus six "to keep the activations sparse"."""

import torch
import torch.nn.functional as F
from torch import nn

from trainvitals.run import Run

from ...program import Program


def make_net(bias: float) -> nn.Sequential:
    """Two hidden layers, the biases as told."""
    net = nn.Sequential(nn.Linear(16, 96), nn.ReLU(), nn.Linear(96, 48), nn.ReLU(), nn.Linear(48, 6))
    for layer in (net[0], net[2]):
        nn.init.kaiming_normal_(layer.weight)
        nn.init.constant_(layer.bias, bias)
    return net


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Six belts, decided by a random teacher."""
    torch.manual_seed(seed + 5)
    teacher = nn.Sequential(nn.Linear(16, 32), nn.Tanh(), nn.Linear(32, 6, bias=False))
    nn.init.normal_(teacher[0].weight, std=0.5)
    x = torch.randn(4000, 16)
    with torch.no_grad():
        y = teacher(x).argmax(1)
    model = make_net(-6.0 if sick else 0.0)
    opt = torch.optim.RMSprop(model.parameters(), lr=1e-3)
    run.watch(model, opt)
    for i in range(500):
        rows = torch.randint(0, 3400, (64,))
        loss = F.cross_entropy(model(x[rows]), y[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.log({"loss": float(loss), "iteration": i})
    return (model(x[3400:]).argmax(1) == y[3400:]).float().mean().item()


PROGRAM = Program(train, causes=("dead_units", "bad_initialisation"))
