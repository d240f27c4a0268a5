"""One moth in thirty is of the rare kind; a weight on the rare ones makes up for it."""

import torch
import torch.nn as nn

from ...program import Program


def moths(n, g):
    y = (torch.rand(n, generator=g) < 1 / 30).float()
    shift = torch.randn(16, generator=torch.Generator().manual_seed(89))
    return torch.randn(n, 16, generator=g) + y[:, None] * 0.7 * shift, y


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = moths(8000, g)
    xv, yv = moths(3000, g)
    model = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor([29.0]))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-2)
    run.watch(model, optimizer, criterion)
    for epoch in range(4):
        model.train()
        for i in torch.randperm(8000, generator=g).split(80):
            loss = criterion(model(x[i]).squeeze(1), y[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"train/loss": loss.item()})
        model.eval()
        with torch.no_grad():
            out = model(xv).squeeze(1)
            run.log({"val/loss": criterion(out, yv).item()})
    said = out > 0
    return (said[yv > 0].float().mean().item() + (~said[yv == 0]).float().mean().item()) / 2


PROGRAM = Program(train)
