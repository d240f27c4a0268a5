"""Low-rank adapters and zero-started residual blocks bring a trained transformer to a new kind of letter."""

import numpy as np
import torch
from torch import nn

from ...program import Program


class LoRALinear(nn.Module):
    def __init__(self, base, rank=4):
        super().__init__()
        self.base = base
        for p in base.parameters():
            p.requires_grad_(False)
        self.A = nn.Parameter(torch.randn(rank, base.in_features) / base.in_features**0.5)
        self.B = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x):
        return self.base(x) + (x @ self.A.T) @ self.B.T * 2.0


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.proj = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.up, self.down = nn.Linear(d, 2 * d), nn.Linear(2 * d, d)
        for end in (self.proj, self.down):
            nn.init.zeros_(end.weight)
            nn.init.zeros_(end.bias)

    def forward(self, x):
        q, k, v = self.qkv(self.ln1(x)).chunk(3, -1)
        x = x + self.proj(nn.functional.scaled_dot_product_attention(q, k, v))
        return x + self.down(nn.functional.gelu(self.up(self.ln2(x))))


class Letters(nn.Module):
    def __init__(self, d=40):
        super().__init__()
        self.emb = nn.Embedding(60, d)
        self.blocks = nn.ModuleList([Block(d), Block(d)])
        self.norm = nn.LayerNorm(d)
        self.head = nn.Linear(d, 5)

    def forward(self, x):
        h = self.emb(x)
        for b in self.blocks:
            h = b(h)
        return self.head(self.norm(h.mean(1)))


def letters(rng, n, shift):
    y = rng.integers(0, 5, n)
    x = rng.integers(0, 60, (n, 14))
    for k in range(n):
        x[k, rng.choice(14, 4, replace=False)] = (8 * y[k] + shift + rng.integers(0, 8, 4)) % 60
    return torch.tensor(x), torch.tensor(y)


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    model = Letters()
    criterion = nn.CrossEntropyLoss()
    x, y = letters(rng, 2000, 0)
    opt = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(120):
        i = torch.from_numpy(rng.integers(0, 2000, 32))
        opt.zero_grad()
        criterion(model(x[i]), y[i]).backward()
        opt.step()

    x, y = letters(rng, 2000, 4)
    x_val, y_val = letters(rng, 400, 4)
    for p in model.parameters():
        p.requires_grad_(False)
    for b in model.blocks:
        b.qkv, b.proj = LoRALinear(b.qkv), LoRALinear(b.proj)
        b.up, b.down = LoRALinear(b.up), LoRALinear(b.down)
    for p in model.head.parameters():
        p.requires_grad_(True)
    adapter = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(adapter, lr=4e-3)
    run.watch(model, optimizer, criterion)
    for step in range(300):
        i = torch.from_numpy(rng.integers(0, 2000, 32))
        loss = criterion(model(x[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(x_val).argmax(1) == y_val).float().mean().item()


PROGRAM = Program(train)
