"""Copies a scrivener's line after a dividing stroke, by a causal transformer with tied embeddings."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program

SIGNS, LINE = 16, 5
STROKE = SIGNS
LENGTH = 2 * LINE


def lines(n, g=None):
    text = torch.randint(SIGNS, (n, LINE), generator=g)
    full = torch.cat([text, torch.full((n, 1), STROKE), text], 1)
    targets = full[:, 1:].clone()
    targets[:, :LINE] = -100
    return full[:, :-1], targets


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.n1, self.n2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x, mask):
        b, t, c = x.shape
        q, k, v = self.qkv(self.n1(x)).view(b, t, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-2, -1) / math.sqrt(c // self.heads)
        att = (scores + mask).softmax(-1)
        x = x + self.proj((att @ v).transpose(1, 2).reshape(b, t, c))
        return x + self.mlp(self.n2(x))


class Scrivener(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.sign = nn.Embedding(SIGNS + 1, width)
        self.place = nn.Embedding(LENGTH, width)
        self.blocks = nn.ModuleList(Block(width, 4) for _ in range(2))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, SIGNS + 1, bias=False)
        for p in self.parameters():
            if p.dim() > 1:
                nn.init.normal_(p, std=0.05)
        self.head.weight = self.sign.weight
        self.register_buffer("mask", torch.full((LENGTH, LENGTH), float("-inf")).triu(1))

    def forward(self, x):
        h = self.sign(x) + self.place.weight
        for block in self.blocks:
            h = block(h, self.mask)
        return self.head(self.norm(h))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x_test, y_test = lines(300, torch.Generator().manual_seed(seed + 999))
    model = Scrivener()
    matrices = [p for p in model.parameters() if p.dim() > 1]
    rest = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.05}, {"params": rest, "weight_decay": 0.0}], lr=4e-3, betas=(0.9, 0.98)
    )
    steps, micro, warm = 240, 4, 40
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: (s + 1) / warm if s < warm else 0.5 * (1 + math.cos(math.pi * (s - warm) / (steps - warm)))
    )
    run.watch(model, optimizer)

    for step in range(steps):
        optimizer.zero_grad()
        total = 0.0
        for _ in range(micro):
            x, y = lines(12)
            loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten(), ignore_index=-100) / micro
            loss.backward()
            total += loss.item()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        run.log({"loss": total}, step=step)

    model.eval()
    with torch.no_grad():
        keep = y_test != -100
        return (model(x_test).argmax(-1) == y_test)[keep].float().mean().item()


PROGRAM = Program(train)
