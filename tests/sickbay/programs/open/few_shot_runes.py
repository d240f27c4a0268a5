"""Prototypical network on runes: each episode draws five unseen signs with three examples and six queries."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program

WAY, SHOT, QUERY = 5, 3, 6


def strokes(rng, n, size=10):
    runes = np.zeros((n, size, size))
    for k in range(n):
        for _ in range(3):
            (x0, x1), (y0, y1) = rng.uniform(1, 8.5, (2, 2))
            for s in np.linspace(0, 1, 12):
                runes[k, int(round(y0 + s * (y1 - y0))), int(round(x0 + s * (x1 - x0)))] = 1
    return runes


def episode(rng, runes):
    chosen = rng.choice(len(runes), WAY, replace=False)
    img = np.stack([[np.roll(runes[c], rng.integers(-1, 2, 2), (0, 1)) for _ in range(SHOT + QUERY)] for c in chosen])
    img = (img + 0.25 * rng.normal(size=img.shape) - 0.17) / 0.45
    img = torch.tensor(img, dtype=torch.float32)
    return img[:, :SHOT].reshape(-1, 1, 10, 10), img[:, SHOT:].reshape(-1, 1, 10, 10)


class ProtoNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 24, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(24, 32, 3, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(800, 48),
        )

    def forward(self, support, query):
        proto = self.body(support).view(WAY, SHOT, -1).mean(1)
        return -(torch.cdist(self.body(query), proto) ** 2)


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    seen, unseen = strokes(rng, 120), strokes(rng, 40)
    target = torch.arange(WAY).repeat_interleave(QUERY)
    net = ProtoNet()
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    run.watch(net, opt)
    for _ in range(400):
        logits = net(*episode(rng, seen))
        loss = F.cross_entropy(logits, target)
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.log({"episode_loss": loss.item()})
    with torch.no_grad():
        hits = [(net(*episode(rng, unseen)).argmax(1) == target).float().mean().item() for _ in range(60)]
    return float(np.mean(hits))


PROGRAM = Program(train)
