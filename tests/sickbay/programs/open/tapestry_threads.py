"""Which thread dominates a strip of tapestry: a small transformer with its own norm over strips of unequal length."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


def strips(n, g, longest=18):
    favourite = torch.randint(0, 5, (n,), generator=g)
    tokens = torch.randint(1, 13, (n, longest), generator=g)
    chosen = torch.rand(n, longest, generator=g) < 0.3
    tokens = torch.where(chosen, favourite[:, None] + 1, tokens)
    length = torch.randint(10, longest + 1, (n,), generator=g)
    tokens[torch.arange(longest) >= length[:, None]] = 0
    return tokens, favourite


class RootNorm(nn.Module):
    def __init__(self, dim, safe):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(dim))
        self.safe = safe

    def forward(self, x):
        square = x.pow(2).mean(-1, keepdim=True)
        if self.safe:
            return self.gain * x * torch.rsqrt(square + 1e-6)
        return self.gain * x / (square.sqrt() + 1e-8)


class Block(nn.Module):
    def __init__(self, dim, safe):
        super().__init__()
        self.norm1, self.norm2 = RootNorm(dim, safe), RootNorm(dim, safe)
        self.attention = nn.MultiheadAttention(dim, 4, batch_first=True)
        self.mlp = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))

    def forward(self, x, empty):
        h = self.norm1(x)
        x = x + self.attention(h, h, h, key_padding_mask=empty, need_weights=False)[0]
        return x + self.mlp(self.norm2(x))


class Weaver(nn.Module):
    def __init__(self, dim=32, safe=True):
        super().__init__()
        self.threads = nn.Embedding(13, dim, padding_idx=0)
        self.lift = nn.Linear(dim, dim, bias=False)
        self.blocks = nn.ModuleList(Block(dim, safe) for _ in range(2))
        self.head = nn.Linear(dim, 5)

    def forward(self, tokens):
        empty = tokens == 0
        x = self.lift(self.threads(tokens))
        for block in self.blocks:
            x = block(x, empty)
        kept = (~empty).float()[..., None]
        return self.head((x * kept).sum(1) / kept.sum(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 70)
    tokens, favourite = strips(2400, g)
    model = Weaver(safe=not sick)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    run.watch(model, optimizer)
    for _ in range(400):
        rows = torch.randint(0, 2000, (32,), generator=g)
        loss = F.cross_entropy(model(tokens[rows]), favourite[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        return (model(tokens[2000:]).argmax(1) == favourite[2000:]).float().mean().item()


PROGRAM = Program(train, causes=("unstable_layer",), by_definition=True)
