"""A transformer that fills the illegible glyphs of inscriptions of several lengths, in bfloat16."""

import math

import numpy as np
import torch
from torch import nn

from ...program import Program

GLYPHS, LONGEST = 24, 16
PAD, GAP = 0, 1


class Restorer(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        self.glyph = nn.Embedding(GLYPHS, width, padding_idx=PAD)
        self.place = nn.Embedding(LONGEST, width)
        nn.init.normal_(self.glyph.weight, std=0.02)
        nn.init.normal_(self.place.weight, std=0.02)
        layer = nn.TransformerEncoderLayer(width, 4, 128, 0.0, "gelu", batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, GLYPHS)

    def forward(self, ids):
        hidden = torch.zeros(ids.shape).masked_fill(ids == PAD, float("-inf"))
        h = self.glyph(ids) + self.place.weight[: ids.shape[1]]
        return self.out(self.norm(self.encoder(h, src_key_padding_mask=hidden)))


def carve(rng, n):
    stones = np.zeros((n, LONGEST), dtype=np.int64)
    for i in range(n):
        size = rng.integers(7, LONGEST + 1)
        start, stride = rng.integers(0, 22), rng.integers(1, 5)
        stones[i, :size] = 2 + (start + stride * np.arange(size)) % 22
    return torch.from_numpy(stones)


def damage(stones):
    gaps = (torch.rand(stones.shape) < 0.2) & (stones != PAD)
    target = torch.where(gaps, stones, torch.full_like(stones, -100))
    return torch.where(gaps, torch.full_like(stones, GAP), stones), target


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    stones, kept = carve(rng, 4000), carve(rng, 400)
    model = Restorer()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.98), weight_decay=0.05)
    steps, warmup = 500, 50

    def rate(step):
        if step < warmup:
            return (step + 1) / warmup
        return 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))

    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    criterion = nn.CrossEntropyLoss(ignore_index=-100, label_smoothing=0.1)
    run.watch(model, optimizer, criterion)
    for step in range(steps):
        seen, target = damage(stones[torch.randint(len(stones), (32,))])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            scores = model(seen)
        loss = criterion(scores.float().transpose(1, 2), target)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        run.log({"loss": loss.item(), "lr": scheduler.get_last_lr()[0]}, step=step)
    model.eval()
    seen, target = damage(kept)
    with torch.no_grad():
        right = model(seen).argmax(-1) == target
    return right[target != -100].float().mean().item()


PROGRAM = Program(train)
