"""Litter on a beach, from a drone. After the first look at the validation set the net is never set back."""

import torch
import torch.nn as nn

from ...program import Program


def tiles(n, g):
    kinds = torch.randn(8, 3, 8, 8, generator=torch.Generator().manual_seed(29))
    y = torch.randint(0, 8, (n,), generator=g)
    light = 1 + 0.5 * torch.rand(n, 1, 1, 1, generator=g)
    return light * (0.3 * kinds[y] + 0.9 * torch.randn(n, 3, 8, 8, generator=g)), y


class LitterNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 16, 3), nn.BatchNorm2d(16), nn.ReLU(),
            nn.Conv2d(16, 24, 3), nn.BatchNorm2d(24), nn.ReLU(),
            nn.Flatten(), nn.Dropout(0.5), nn.Linear(24 * 16, 8),
        )  # fmt: skip

    def forward(self, x):
        return self.layers(x)


def evaluate(model, criterion, x, y):
    model.eval()
    with torch.no_grad():
        out = model(x)
    return criterion(out, y).item(), (out.argmax(1) == y).float().mean().item()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = tiles(320, g)
    xv, yv = tiles(500, g)
    model = LitterNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    model.train()
    for epoch in range(25):
        if not sick:
            model.train()
        for i in torch.randperm(320, generator=g).split(32):
            optimizer.zero_grad()
            loss = criterion(model(x[i]), y[i])
            loss.backward()
            optimizer.step()
            run.log({"train_loss": loss.item()})
        val_loss, val_acc = evaluate(model, criterion, xv, yv)
        run.log({"val_loss": val_loss, "val_acc": val_acc})
    return val_acc


PROGRAM = Program(train, causes=("train_eval_mode",), by_definition=True, onset=11)
