"""Rewrites spoken departure times as digits, a small decoder-only transformer with warm-up and a cosine."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program

PAD, SEP, VOCAB, LENGTH = 0, 1, 40, 14


class Attention(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(d, 3 * d)
        self.proj = nn.Linear(d, d)

    def forward(self, x, mask):
        b, t, d = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        scores = (q @ k.transpose(-1, -2)) / math.sqrt(q.size(-1))
        scores = scores.masked_fill(mask, float("-inf"))
        return self.proj((scores.softmax(-1) @ v).transpose(1, 2).reshape(b, t, d))


class Layer(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.n1, self.attn = nn.LayerNorm(d), Attention(d, heads)
        self.n2 = nn.LayerNorm(d)
        self.mlp = nn.Sequential(nn.Linear(d, 4 * d), nn.GELU(), nn.Linear(4 * d, d))

    def forward(self, x, mask):
        x = x + self.attn(self.n1(x), mask)
        return x + self.mlp(self.n2(x))


class Speaker(nn.Module):
    def __init__(self, d=48, heads=4, layers=2):
        super().__init__()
        self.tok = nn.Embedding(VOCAB, d, padding_idx=PAD)
        self.pos = nn.Embedding(LENGTH, d)
        nn.init.normal_(self.tok.weight, std=0.02)
        nn.init.normal_(self.pos.weight, std=0.02)
        self.layers = nn.ModuleList(Layer(d, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(d)

    def forward(self, ids):
        t = ids.size(1)
        mask = torch.ones(t, t, dtype=torch.bool).triu(1)
        x = self.tok(ids) + self.pos(torch.arange(t))
        for layer in self.layers:
            x = layer(x, mask)
        return self.norm(x) @ self.tok.weight.T


def departures(n, rng):
    """Some words, a separator and the digits they stand for; the rest is padding."""
    table = np.random.default_rng(9).permutation(18) + 22
    ids = np.zeros((n, LENGTH), dtype=np.int64)
    goal = np.full((n, LENGTH), -100, dtype=np.int64)
    for row, out in zip(ids, goal):
        k = rng.integers(3, 7)
        words = rng.integers(0, 18, k)
        row[:k], row[k], row[k + 1 : 2 * k + 1] = words + 4, SEP, table[words]
        out[k : 2 * k] = table[words]
    return torch.from_numpy(ids), torch.from_numpy(goal)


def train(run, *, sick=False, seed):
    torch.manual_seed(seed)
    ids, goal = departures(6000, np.random.default_rng(seed))
    model = Speaker()
    steps, warmup = 600, 60
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, betas=(0.9, 0.98), weight_decay=0.01)
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min((s + 1) / warmup, 0.5 * (1 + math.cos(math.pi * min(1.0, s / steps))))
    )
    run.watch(model, optimizer)
    for step in range(steps):
        i = torch.randint(0, 5500, (32,))
        logits = model(ids[i])
        loss = F.cross_entropy(logits.flatten(0, 1), goal[i].flatten(), ignore_index=-100)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        run.log({"loss": loss.item(), "lr": scheduler.get_last_lr()[0]}, step=step)
    model.eval()
    with torch.no_grad():
        hit = model(ids[5500:]).argmax(-1) == goal[5500:]
    return (hit.sum() / (goal[5500:] != -100).sum()).item()


PROGRAM = Program(train)
