"""Low, middle and high estimate of a household's power use, by the pinball loss."""

import torch
from torch import nn

from ...program import Program

QUANTILES = torch.tensor([0.1, 0.5, 0.9])


class PinballLoss(nn.Module):
    def __init__(self, quantiles):
        super().__init__()
        self.register_buffer("q", quantiles)

    def forward(self, pred, target):
        err = target[:, None] - pred
        return torch.maximum(self.q * err, (self.q - 1) * err).mean()


class BandNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(6, 64), nn.ELU(), nn.Linear(64, 64), nn.ELU())
        self.middle = nn.Linear(64, 1)
        self.reach = nn.Linear(64, 2)

    def forward(self, x):
        h = self.trunk(x)
        middle = self.middle(h)
        down, up = nn.functional.softplus(self.reach(h)).chunk(2, dim=1)
        return torch.cat([middle - down, middle, middle + up], dim=1)


def homes(n):
    x = torch.randn(n, 6)
    centre = torch.sin(1.5 * x[:, 0]) + 0.7 * x[:, 1] + 0.4 * x[:, 2] * x[:, 3]
    spread = 0.15 + 0.25 * torch.sigmoid(2 * x[:, 4])
    return x, centre, centre + spread * torch.randn(n)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, _, y = homes(5000)
    xv, truth, yv = homes(1500)
    mean, std = y.mean(), y.std()
    y, yv, truth = (y - mean) / std, (yv - mean) / std, (truth - mean) / std

    model = BandNet()
    criterion = PinballLoss(QUANTILES)
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=1e-3)
    steps = 8 * 79
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps, eta_min=1e-5)
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        for idx in torch.randperm(5000).split(64):
            loss = criterion(model(x[idx]), y[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
            run.log({"pinball": loss.item()})
        with torch.no_grad():
            bands = model(xv)
            inside = ((yv > bands[:, 0]) & (yv < bands[:, 2])).float().mean().item()
            run.log({"val_pinball": criterion(bands, yv).item(), "coverage": inside})
    with torch.no_grad():
        return max(0.0, 1 - ((model(xv)[:, 1] - truth).pow(2).mean() / truth.var()).item())


PROGRAM = Program(train)
