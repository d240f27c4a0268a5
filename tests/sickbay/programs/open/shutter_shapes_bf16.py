"""Which of five shapes a small noisy photograph shows, forward pass under bfloat16 autocast."""

import torch
from torch import nn

from ...program import Program


def photographs(n):
    kind = torch.randint(0, 5, (n,))
    yy, xx = torch.meshgrid(torch.arange(12.0), torch.arange(12.0), indexing="ij")
    cy, cx = (4.5 + 2 * torch.rand(2, n, 1, 1)).unbind(0)
    r = 2.8 + torch.rand(n, 1, 1)
    dy, dx = (yy - cy).abs(), (xx - cx).abs()
    dist = (dy**2 + dx**2).sqrt()
    shapes = torch.stack(
        [
            dist < r,
            torch.maximum(dy, dx) < r * 0.9,
            (dist < r) & (dist > r - 1.5),
            ((dy < 1) | (dx < 1)) & (torch.maximum(dy, dx) < r + 0.5),
            ((dy - dx).abs() < 1.1) & (dist < r + 1),
        ],
        1,
    ).float()
    x = shapes[torch.arange(n), kind] + 0.25 * torch.randn(n, 12, 12)
    return ((x - 0.2) / 0.47).unsqueeze(1), kind


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.Conv2d(32, 48, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(48),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(48, 5),
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    steps = 240
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    run.watch(model, optimizer, criterion)
    for step in range(steps):
        x, y = photographs(32)
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            out = model(x)
            loss = criterion(out, y)
        loss.backward()
        optimizer.step()
        scheduler.step()
        run.log({"loss": loss.item()}, step=step)
    model.eval()
    x, y = photographs(800)
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        return (model(x).argmax(1) == y).float().mean().item()


PROGRAM = Program(train)
