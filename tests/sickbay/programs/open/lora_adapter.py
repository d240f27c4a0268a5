"""LoRA: a trained network is frozen, low-rank adapters learn a turned version of the task."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional as F

from ...program import Program


class LoRALinear(nn.Module):
    def __init__(self, base, rank=4, alpha=8):
        super().__init__()
        self.base = base
        for p in base.parameters():
            p.requires_grad = False
        self.A = nn.Parameter(torch.randn(rank, base.in_features) * 0.02)
        self.B = nn.Parameter(torch.zeros(base.out_features, rank))
        self.scale = alpha / rank

    def forward(self, x):
        return self.base(x) + self.scale * F.linear(F.linear(x, self.A), self.B)


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    d = load_digits()
    images, y = torch.tensor(d.images).float() / 8 - 1, torch.tensor(d.target)
    x, turned = images.flatten(1), images.rot90(1, (1, 2)).flatten(1)
    model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10))
    pre = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(150):
        i = torch.randint(1500, (64,))
        pre.zero_grad()
        F.cross_entropy(model(x[i]), y[i]).backward()
        pre.step()
    for k in (0, 2, 4):
        model[k] = LoRALinear(model[k])
    params = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(params, lr=1e-2, weight_decay=0.0)
    run.watch(model, optimizer)
    for step in range(300):
        i = torch.randint(1500, (64,))
        loss = F.cross_entropy(model(turned[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 5 == 0:
            run.log({"train_loss": loss.item()})
    with torch.no_grad():
        return (model(turned[1500:]).argmax(1) == y[1500:]).float().mean().item()


PROGRAM = Program(train)
