"""Cracks are rare, one in twelve; a focal loss looks at the hard ones."""

import torch
import torch.nn.functional as F
from sklearn.metrics import roc_auc_score
from torch import nn

from ...program import Program


class FocalLoss(nn.Module):
    def __init__(self, alpha=0.75, gamma=2.0):
        super().__init__()
        self.alpha, self.gamma = alpha, gamma

    def forward(self, logits, target):
        bce = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
        p_t = torch.exp(-bce)
        alpha_t = self.alpha * target + (1 - self.alpha) * (1 - target)
        return (alpha_t * (1 - p_t) ** self.gamma * bce).mean()


def plates(n, g):
    y = (torch.rand(n, generator=g) < 1 / 12).float()
    x = torch.randn(n, 1, 10, 10, generator=g)
    row = torch.randint(1, 9, (n,), generator=g)
    x[torch.arange(n), 0, row] += 1.6 * y[:, None]
    return x, y


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    x, y = plates(3000, g)
    xt, yt = plates(800, g)
    model = nn.Sequential(
        nn.Conv2d(1, 16, (3, 5), padding=1), nn.ReLU(), nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(),
        nn.AdaptiveMaxPool2d((2, 1)), nn.Flatten(), nn.Linear(32, 1), nn.Flatten(0),
    )  # fmt: skip
    criterion = FocalLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)
    for step in range(300):
        b = torch.randint(3000, (64,), generator=g)
        loss = criterion(model(x[b]), y[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss})
    with torch.no_grad():
        return roc_auc_score(yt, model(xt))


PROGRAM = Program(train)
