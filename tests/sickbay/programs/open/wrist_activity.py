"""Which activity a wristband recorded, by one-dimensional convolutions."""

import math

import torch
from torch import nn

from ...program import Program

KINDS = 5


def recordings(n, g):
    kind = torch.randint(KINDS, (n,), generator=g)
    t = torch.arange(64) / 64
    freq = (2 + 1.5 * kind.float())[:, None] + 0.4 * torch.randn(n, 1, generator=g)
    phase = 2 * math.pi * torch.rand(n, 3, 1, generator=g)
    wave = torch.sin(2 * math.pi * freq[:, :, None] * t + phase)
    return wave + 0.6 * torch.randn(n, 3, 64, generator=g), kind


class ActivityNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv1d(3, 24, 7, padding=3), nn.ReLU(), nn.MaxPool1d(2),
            nn.Conv1d(24, 32, 5, padding=2), nn.ReLU(), nn.MaxPool1d(2),
            nn.Conv1d(32, 32, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool1d(4),
        )  # fmt: skip
        self.classifier = nn.Sequential(nn.Flatten(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, KINDS))

    def forward(self, x):
        return self.classifier(self.features(x))


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    x, y = recordings(1600, g)
    xt, yt = recordings(400, g)
    net = ActivityNet()
    ce = nn.CrossEntropyLoss()
    optim = torch.optim.Adam(net.parameters(), lr=0.1 if sick else 1e-3)
    run.watch(net, optim, ce)
    for step in range(250):
        pick = torch.randint(len(x), (32,), generator=g)
        logits = net(x[pick])
        loss = ce(logits, y[pick])
        optim.zero_grad(set_to_none=True)
        loss.backward()
        optim.step()
        run.log({"train/loss": loss, "train/accuracy": (logits.argmax(1) == y[pick]).float().mean()})
    net.eval()
    with torch.no_grad():
        return (net(xt).argmax(1) == yt).float().mean().item()


PROGRAM = Program(train, causes=("learning_rate_too_high",))
