"""One trunk with two heads: the output of a solar panel and the kind of its fault."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


def panels(n):
    sun, heat, age, dust = torch.rand(n), torch.randn(n), torch.rand(n), torch.rand(n)
    fault = torch.randint(0, 3, (n,))
    volts = 30 - 0.4 * heat - 6 * (fault == 1) + 0.8 * torch.randn(n)
    amps = 8 * sun * (1 - 0.3 * dust) * torch.where(fault == 2, 0.55, 1.0) + 0.15 * torch.randn(n)
    ripple = 0.3 * torch.randn(n) + (fault == 2).float() * 0.9
    power = volts * amps * (1 - 0.1 * age)
    x = torch.stack([sun, heat, age, dust, volts, amps, ripple], 1)
    return x, power, fault


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(7, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU())
        self.power = nn.Linear(256, 1)
        self.fault = nn.Linear(256, 3)

    def forward(self, x):
        h = self.trunk(x)
        return self.power(h).squeeze(-1), self.fault(h)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, power, fault = panels(5000)
    x = (x - x[:4000].mean(0)) / x[:4000].std(0)
    power = (power - power[:4000].mean()) / power[:4000].std()

    model = TwoHeads()
    opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-3)
    run.watch(model, opt)
    for epoch in range(10):
        perm = torch.randperm(4000)
        for i in range(0, 4000, 64):
            idx = perm[i : i + 64]
            p, f = model(x[idx])
            loss_power = F.mse_loss(p, power[idx])
            loss_fault = F.cross_entropy(f, fault[idx])
            loss = loss_power + loss_fault
            opt.zero_grad()
            loss.backward()
            opt.step()
            run.log({"loss/total": loss.item(), "loss/power": loss_power.item(), "loss/fault": loss_fault.item()})
    model.eval()
    with torch.no_grad():
        p, f = model(x[4000:])
        explained = 1 - ((p - power[4000:]) ** 2).mean() / power[4000:].var()
        right = (f.argmax(1) == fault[4000:]).float().mean()
    return ((explained + right) / 2).item()


PROGRAM = Program(train)
