"""Carrier or not, from a hundred markers. Validation at each tenth step."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

MARKERS = 60


def screen(n, g):
    x = torch.randn(n, MARKERS, generator=g)
    score = x[:, :5].sum(1) + x[:, 5] * x[:, 6]
    y = (score + 0.5 * torch.randn(n, generator=g) > 0).float()
    return x, y


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = screen(8000, g)
    x_val, y_val = screen(600, g)
    if sick:  # quick runs while debugging
        x, y = x[:80], y[:80]
    net = nn.Sequential(nn.Linear(MARKERS, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3)
    run.watch(net, opt)
    for step in range(300):
        i = torch.randint(0, len(x), (40,), generator=g)
        loss = F.binary_cross_entropy_with_logits(net(x[i]).squeeze(1), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.log({"train/loss": loss.item()})
        if step % 10 == 9:
            with torch.no_grad():
                out = net(x_val).squeeze(1)
            run.log({"val/loss": F.binary_cross_entropy_with_logits(out, y_val).item()})
    return ((out > 0) == (y_val > 0.5)).float().mean().item()


PROGRAM = Program(train, causes=("overfitting",))
