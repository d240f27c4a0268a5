"""Which cricket sings: an LSTM over sixty samples, orthogonal start, forget gates open, gradients clipped at 1."""

import torch
import torch.nn as nn

from ...program import Program


class Listener(nn.Module):
    def __init__(self, hidden=40):
        super().__init__()
        self.lstm = nn.LSTM(2, hidden, batch_first=True)
        self.out = nn.Linear(hidden, 5)
        nn.init.orthogonal_(self.lstm.weight_hh_l0)
        with torch.no_grad():
            self.lstm.bias_ih_l0[hidden : 2 * hidden] = 1.0

    def forward(self, x):
        return self.out(self.lstm(x)[0].mean(1))


def songs(n, g):
    y = torch.randint(0, 5, (n,), generator=g)
    t = torch.arange(60)
    rate = 0.2 + 0.2 * y[:, None]
    phase = 6.28 * torch.rand(n, 1, generator=g)
    x = torch.stack([torch.sin(rate * t + phase), torch.cos(rate * t + phase)], 2)
    return x + 0.3 * torch.randn(n, 60, 2, generator=g), y


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = songs(2000, g)
    xv, yv = songs(300, g)
    model = Listener()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(7):
        for i in torch.randperm(2000, generator=g).split(50):
            optimizer.zero_grad()
            loss = criterion(model(x[i]), y[i])
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            out = model(xv)
            run.log({"val/loss": criterion(out, yv).item()})
    return (out.argmax(1) == yv).float().mean().item()


PROGRAM = Program(train)
