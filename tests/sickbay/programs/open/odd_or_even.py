"""Odd or even handwritten digits by one convolution, Nesterov momentum and a step schedule."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.optim.lr_scheduler import StepLR

from trainvitals.run import Run

from ...program import Program


def train(run: Run, *, sick: bool, seed: int) -> float:
    """One logit."""
    torch.manual_seed(seed)
    digits, names = load_digits(return_X_y=True)
    order = torch.randperm(1797)
    x = (torch.tensor(digits[order]).float().view(-1, 1, 8, 8) - 4.88) / 6.02
    y = torch.tensor(names[order] % 2).float()[:, None]
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(576, 32),
        nn.ReLU(),
        nn.Linear(32, 1),
    )
    bce = nn.BCEWithLogitsLoss()
    opt = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, nesterov=True, weight_decay=1e-3)
    schedule = StepLR(opt, 4, 0.3)
    run.watch(model, opt, bce)
    for _epoch in range(8):
        model.train()
        for rows in torch.randperm(1400).split(32):
            loss = bce(model(x[rows]), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
            run.log({"loss": loss.item()})
        schedule.step()
        model.eval()
        with torch.no_grad():
            run.log({"val_acc": ((model(x[1400:]) > 0) == (y[1400:] > 0)).float().mean().item()})
    return ((model(x[1400:]) > 0) == (y[1400:] > 0)).float().mean().item()


PROGRAM = Program(train)
