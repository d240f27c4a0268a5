"""LoRA: a network trained on one dialect is adapted to another by thin matrices that start at zero."""

import torch
from torch import nn

from ...program import Program


class LoRALinear(nn.Module):
    def __init__(self, base, rank=4, alpha=8):
        super().__init__()
        self.base = base.requires_grad_(False)
        self.lora_A = nn.Parameter(torch.randn(rank, base.in_features) / base.in_features**0.5)
        self.lora_B = nn.Parameter(torch.zeros(base.out_features, rank))
        self.scaling = alpha / rank

    def forward(self, x):
        return self.base(x) + (x @ self.lora_A.T @ self.lora_B.T) * self.scaling


def sentences(n, table, g):
    words = torch.randint(60, (n, 6), generator=g)
    return words, table[words].sum(1).argmax(1)


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    table = torch.randn(60, 4, generator=g)
    net = nn.Sequential(
        nn.EmbeddingBag(60, 16, mode="sum"),
        nn.Linear(16, 64),
        nn.ReLU(),
        nn.Linear(64, 64),
        nn.ReLU(),
        nn.Linear(64, 4),
    )
    pre = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(500):
        w, y = sentences(64, table, g)
        pre.zero_grad()
        nn.functional.cross_entropy(net(w), y).backward()
        pre.step()

    dialect = table @ (torch.eye(4) + 0.5 * torch.randn(4, 4, generator=g))
    for p in net.parameters():
        p.requires_grad_(False)
    for name in ("1", "3", "5"):
        setattr(net, name, LoRALinear(getattr(net, name)))
    trainable = [p for p in net.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trainable, lr=5e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(net, optimizer, criterion)
    for step in range(300):
        w, y = sentences(48, dialect, g)
        loss = criterion(net(w), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss})
    w, y = sentences(1000, dialect, g)
    return (net(w).argmax(1) == y).float().mean().item()


PROGRAM = Program(train)
