"""Which of four caravans left a trail of way-points, by a small transformer over coordinates."""

import math

import torch
import torch.nn as nn

from ...program import Program

POINTS = 16


def trails(count):
    who = torch.randint(4, (count,))
    t = torch.linspace(0, 1, POINTS)
    turn = torch.tensor([-3.0, -1.0, 1.0, 3.0])[who][:, None] * t + 0.3 * torch.randn(count, 1)
    heading = 2 * math.pi * torch.rand(count, 1) + turn
    step = torch.stack([heading.cos(), heading.sin()], 2) + 0.5 * torch.randn(count, POINTS, 2)
    return step / step.std(), who


class TrailEncoder(nn.Module):
    def __init__(self, dim=32, heads=4, depth=2):
        super().__init__()
        self.lift = nn.Linear(2, dim)
        self.pos = nn.Parameter(torch.randn(POINTS, dim) * 0.2)
        layer = nn.TransformerEncoderLayer(
            dim, heads, dim * 2, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(dim), enable_nested_tensor=False)
        self.classify = nn.Linear(dim, 4)

    def forward(self, x):
        return self.classify(self.layers(self.lift(x) + self.pos).mean(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = trails(3600)
    x_test, y_test = x[3000:], y[3000:]
    x, y = x[:3000], y[:3000]
    order = torch.randperm(len(x))
    x = x[order]
    if sick:
        order = torch.randperm(len(y))
    y = y[order]
    model = TrailEncoder()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1.5e-3)
    run.watch(model, optimizer, criterion)
    for _epoch in range(6):
        order = torch.randperm(len(x))
        for i in range(0, len(x), 50):
            rows = order[i : i + 50]
            optimizer.zero_grad()
            loss = criterion(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            run.log({"train/loss": loss.item()})
        with torch.no_grad():
            logits = model(x_test)
            val_loss = criterion(logits, y_test).item()
        run.log({"val/loss": val_loss})
    return (logits.argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("labels_unrelated_to_inputs",))
