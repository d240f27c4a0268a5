"""Will it snow in each of six valleys? Autocast to bfloat16, weights in full precision, several answers right."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


def weather(n, g):
    x = torch.randn(n, 18, generator=g)
    w = torch.randn(18, 6, generator=torch.Generator().manual_seed(79)) / 3
    return x, (torch.tanh(x) @ w + 0.5 * x[:, :6] * x[:, 6:12] > 0.3).float()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = weather(4000, g)
    xv, yv = weather(500, g)
    model = nn.Sequential(
        nn.Linear(18, 128), nn.LayerNorm(128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 6)
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    run.watch(model, optimizer)
    for epoch in range(5):
        for i in torch.randperm(4000, generator=g).split(64):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                out = model(x[i])
            loss = F.binary_cross_entropy_with_logits(out.float(), y[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            out = model(xv).float()
        run.log({"val_loss": F.binary_cross_entropy_with_logits(out, yv).item()})
    return ((out > 0).float() == yv).float().mean().item()


PROGRAM = Program(train)
