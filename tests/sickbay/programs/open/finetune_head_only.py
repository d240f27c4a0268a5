"""Fine-tuning: trained on five digits, body frozen, a new head for the other five."""

import torch
from sklearn.datasets import load_digits
from torch import nn

from ...program import Program


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    d = load_digits()
    x, y = torch.tensor(d.images).float()[:, None] / 8 - 1, torch.tensor(d.target)
    low, high = y < 5, y >= 5
    body = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
    )  # fmt: skip
    pretrain = nn.Sequential(body, nn.Linear(128, 5))
    opt = torch.optim.Adam(pretrain.parameters(), lr=3e-3)
    xa, ya = x[low], y[low]
    for _ in range(120):
        i = torch.randint(len(xa), (32,))
        opt.zero_grad()
        nn.functional.cross_entropy(pretrain(xa[i]), ya[i]).backward()
        opt.step()

    for p in body.parameters():
        p.requires_grad_(False)
    body.eval()
    model = nn.Sequential(body, nn.Linear(128, 5))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model[1].parameters(), lr=5e-3)
    run.watch(model, optimizer, criterion)
    xb, yb = x[high], y[high] - 5
    n = len(xb) - 200
    for epoch in range(14):
        for i in torch.randperm(n).split(32):
            optimizer.zero_grad()
            loss = criterion(model(xb[i]), yb[i])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(xb[n:]).argmax(1) == yb[n:]).float().mean().item()


PROGRAM = Program(train)
