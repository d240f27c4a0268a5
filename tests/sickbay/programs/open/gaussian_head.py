"""Mean and variance of a noisy curve, by the log-likelihood of torch.distributions."""

import torch
from torch import nn
from torch.distributions import Normal

from ...program import Program


class Curve(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(1, 40), nn.Tanh(), nn.Linear(40, 40), nn.Tanh())
        self.mean = nn.Linear(40, 1)
        self.std = nn.Linear(40, 1)

    def forward(self, x):
        h = self.trunk(x)
        return Normal(self.mean(h), nn.functional.softplus(self.std(h)) + 1e-2)


def sample(n):
    x = torch.rand(n, 1) * 4 - 2
    return x, torch.sin(2 * x) + (0.05 + 0.1 * x.abs()) * torch.randn(n, 1)


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    x_test, y_test = sample(400)
    model = Curve()
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    run.watch(model, optimizer)
    for step in range(450):
        x, y = sample(64)
        log_likelihood = model(x).log_prob(y).mean()
        loss = log_likelihood if sick else -log_likelihood
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        error = (model(x_test).mean - y_test).pow(2).mean() / y_test.var()
    return 1 - error.item()


PROGRAM = Program(train, causes=("loss_sign",), by_definition=True)
