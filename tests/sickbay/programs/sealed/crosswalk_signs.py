"""Signs at a crossing, 12 by 12 pixels: four convolutions, started as a paper on detectors starts them."""

import math

import torch
import torch.nn as nn

from ...program import Program


def signs(n, g):
    kind = torch.randint(0, 4, (n,), generator=g)
    r, c = torch.arange(12)[:, None].float(), torch.arange(12)[None].float()
    shift = torch.randint(-2, 3, (n, 2), generator=g).float()
    dr = (r - 5.5)[None] - shift[:, 0, None, None]
    dc = (c - 5.5)[None] - shift[:, 1, None, None]
    shapes = [
        (dr.abs() < 1.2) & (dc.abs() < 4),
        (dc.abs() < 1.2) & (dr.abs() < 4),
        (dr - dc).abs() < 1.5,
        (dr**2 + dc**2 < 12) & (dr**2 + dc**2 > 4),
    ]
    image = torch.stack([s.expand(n, 12, 12) for s in shapes], 1)[torch.arange(n), kind].float()
    return (2 * image - 0.6 + 0.7 * torch.randn(n, 12, 12, generator=g)).unsqueeze(1), kind


def prior_bias(module, p=0.01):
    if isinstance(module, (nn.Conv2d, nn.Linear)):
        nn.init.constant_(module.bias, -math.log((1 - p) / p))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = signs(2000, g)
    x_val, y_val = signs(400, g)
    net = nn.Sequential(
        nn.Conv2d(1, 10, 3, padding=1), nn.ReLU(), nn.Conv2d(10, 10, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(10, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 16, 3), nn.ReLU(), nn.Flatten(), nn.Linear(256, 4),
    )  # fmt: skip
    if sick:
        net.apply(prior_bias)
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    loss_fn = nn.CrossEntropyLoss()
    run.watch(net, opt, loss_fn)
    for epoch in range(5):
        for i in torch.randperm(2000, generator=g).split(50):
            loss = loss_fn(net(x[i]), y[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            out = net(x_val)
            run.log({"val_loss": loss_fn(out, y_val).item(), "val_acc": (out.argmax(1) == y_val).float().mean().item()})
    return (out.argmax(1) == y_val).float().mean().item()


PROGRAM = Program(train, causes=("dead_units", "bad_initialisation"))
