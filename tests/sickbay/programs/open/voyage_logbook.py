"""Tomorrow's wind from a fortnight of a ship's log, with a transformer encoder and a warm-up."""

import math

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from ...program import Program

DAYS, FEATURES = 14, 4


class LogTransformer(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.project = nn.Linear(FEATURES, width)
        self.day = nn.Embedding(DAYS, width)
        block = nn.TransformerEncoderLayer(
            width, 4, 64, dropout=0.05, activation="gelu", batch_first=True, norm_first=True
        )
        self.blocks = nn.TransformerEncoder(block, 2, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(width)
        self.wind = nn.Linear(width, 1)

    def forward(self, log):
        z = self.project(log) + self.day.weight
        return self.wind(self.norm(self.blocks(z))[:, -1]).squeeze(-1)


def voyages(n):
    log = torch.randn(n, DAYS, FEATURES)
    for day in range(1, DAYS):
        log[:, day] = 0.7 * log[:, day - 1] + 0.7 * log[:, day]
    wind = 0.8 * log[:, -1, 0] + 0.5 * log[:, -3, 1] - 0.6 * torch.tanh(log[:, -1, 2] * log[:, -1, 3])
    return log, wind + 0.2 * torch.randn(n)


def train(run, *, sick=False, seed=0):
    torch.manual_seed(seed)
    x, y = voyages(3200)
    x_val, y_val = voyages(600)
    model = LogTransformer()
    loss_fn = nn.MSELoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
    total, warm = 300, 30
    schedule = LambdaLR(
        optimizer, lambda s: (s + 1) / warm if s < warm else 0.5 * (1 + math.cos(math.pi * (s - warm) / (total - warm)))
    )
    run.watch(model, optimizer, loss_fn)
    for epoch in range(6):
        model.train()
        for rows in torch.randperm(len(x)).split(64):
            loss = loss_fn(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            run.log({"loss": loss.item(), "lr": schedule.get_last_lr()[0]})
        model.eval()
        with torch.no_grad():
            val_loss = loss_fn(model(x_val), y_val).item()
        run.log({"val_loss": val_loss})
    return max(0.0, 1 - val_loss / y_val.var().item())


PROGRAM = Program(train)
