"""Heartbeats by 1-d convolutions under a one-cycle schedule, classes weighted by their rarity."""

import torch
from torch import nn

from trainvitals.run import Run

from ...program import Program


def beats(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Normal, early and wide beats, sampled at 48 points."""
    kind = torch.multinomial(torch.tensor([0.6, 0.25, 0.15]), n, replacement=True)
    t = torch.linspace(-1, 1, 48)
    centre = torch.tensor([0.0, -0.4, 0.0])[kind][:, None] + 0.1 * torch.randn(n, 1)
    width = torch.tensor([0.08, 0.08, 0.22])[kind][:, None]
    x = torch.exp(-(((t - centre) / width) ** 2)) + 0.25 * torch.randn(n, 48)
    return ((x - 0.15) / 0.35)[:, None], kind


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Gradient clipping at one, rarely active."""
    torch.manual_seed(seed)
    x, y = beats(2400)
    model = nn.Sequential(
        nn.Conv1d(1, 12, 5, padding=2),
        nn.BatchNorm1d(12),
        nn.ReLU(),
        nn.MaxPool1d(2),
        nn.Conv1d(12, 24, 5, padding=2),
        nn.BatchNorm1d(24),
        nn.ReLU(),
        nn.MaxPool1d(4),
        nn.Flatten(),
        nn.Linear(144, 3),
    )
    criterion = nn.CrossEntropyLoss(weight=torch.tensor([0.6, 1.3, 2.0]))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=6e-3, total_steps=300)
    run.watch(model, optimizer, criterion)
    step = 0
    while step < 300:
        for rows in torch.randperm(2400).split(48):
            loss = criterion(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            schedule.step()
            run.log({"loss": loss, "lr": schedule.get_last_lr()[0]})
            step += 1
    model.eval()
    x, y = beats(800)
    return (model(x).argmax(1) == y).float().mean().item()


PROGRAM = Program(train)
