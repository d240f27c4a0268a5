"""Four voices, a quarter of a batch each: gradients are added on purpose before a step is made."""

import torch
import torch.nn as nn

from ...program import Program

PARTS = 4


class Harmony(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(6, 32, batch_first=True)
        self.drop = nn.Dropout(0.1)
        self.out = nn.Linear(32, 4)

    def forward(self, x):
        return self.out(self.drop(self.gru(x)[0].mean(1)))


def bars(n, g):
    y = torch.randint(0, 4, (n,), generator=g)
    t = torch.arange(16) / 4
    tones = torch.sin((1 + y[:, None, None]) * t[None, :, None] + torch.arange(6) * 0.8)
    return tones + 1.0 * torch.randn(n, 16, 6, generator=g), y


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = bars(3200, g)
    xv, yv = bars(400, g)
    model = Harmony()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(4):
        model.train()
        for n, i in enumerate(torch.randperm(3200, generator=g).split(16)):
            loss = criterion(model(x[i]), y[i])
            (loss / PARTS).backward()
            if (n + 1) % PARTS == 0:
                optimizer.step()
                optimizer.zero_grad()
                run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            out = model(xv)
            run.log({"val/loss": criterion(out, yv).item()})
    return (out.argmax(1) == yv).float().mean().item()


PROGRAM = Program(train)
