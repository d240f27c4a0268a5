"""A causal transformer learns to continue basket weaves from four micro-batches a step, with warm-up."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

STRANDS = 16
LENGTH = 24
STEPS = 300


def weaves(count, gen):
    choice = torch.stack([torch.randperm(STRANDS, generator=gen) for _ in range(2)])
    rows = torch.randint(STRANDS, (count, 1), generator=gen)
    for _ in range(LENGTH):
        pick = (torch.rand(count, generator=gen) < 0.2).long()
        rows = torch.cat([rows, choice[pick, rows[:, -1]][:, None]], 1)
    return rows, choice


class WeaveGPT(nn.Module):
    def __init__(self, dim=48):
        super().__init__()
        self.token = nn.Embedding(STRANDS, dim)
        self.place = nn.Embedding(LENGTH, dim)
        nn.init.normal_(self.token.weight, std=0.02)
        nn.init.normal_(self.place.weight, std=0.02)
        layer = nn.TransformerEncoderLayer(dim, 4, 4 * dim, 0.0, "gelu", batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(layer, 2, norm=nn.LayerNorm(dim), enable_nested_tensor=False)
        self.out = nn.Linear(dim, STRANDS, bias=False)
        self.out.weight = self.token.weight
        mask = torch.full((LENGTH, LENGTH), float("-inf")).triu(1)
        self.register_buffer("mask", mask)

    def forward(self, rows):
        h = self.token(rows) + self.place.weight
        return self.out(self.blocks(h, mask=self.mask))


def rate(step):
    if step < 30:
        return (step + 1) / 30
    return 0.5 * (1 + math.cos(math.pi * (step - 30) / (STEPS - 30)))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    rows, choice = weaves(4200, gen)
    model = WeaveGPT()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.98), weight_decay=0.05)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    run.watch(model, optimizer)
    for step in range(STEPS):
        total = 0.0
        optimizer.zero_grad()
        for _ in range(4):
            batch = rows[torch.randint(4000, (8,), generator=gen)]
            logits = model(batch[:, :-1])
            loss = F.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten()) / 4
            loss.backward()
            total += loss.item()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        run.log({"loss": total, "lr": scheduler.get_last_lr()[0]}, step=step)
    model.eval()
    with torch.no_grad():
        held = rows[4000:]
        guess = model(held[:, :-1]).argmax(2)
    return (guess == choice[0][held[:, :-1]]).float().mean().item()


PROGRAM = Program(train)
