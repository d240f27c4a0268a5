"""A pre-norm transformer sorts deeds: bfloat16 autocast, four micro-batches a step, long warm-up, cosine to zero."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program

KINDS, VOCAB, LENGTH = 5, 70, 14
STEPS, WARMUP, MICRO = 180, 40, 4


def deeds(n, gen):
    kind = torch.randint(0, KINDS, (n,), generator=gen)
    text = torch.randint(30, VOCAB, (n, LENGTH), generator=gen)
    clause = kind[:, None] * 6 + torch.randint(0, 6, (n, LENGTH), generator=gen)
    return torch.where(torch.rand(n, LENGTH, generator=gen) < 0.3, clause, text), kind


class Notary(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.tok = nn.Embedding(VOCAB, d)
        nn.init.normal_(self.tok.weight, std=0.02)
        self.pos = nn.Parameter(torch.zeros(LENGTH, d))
        self.blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(d, 4, 4 * d, 0.1, "gelu", batch_first=True, norm_first=True) for _ in range(2)
        )
        self.norm = nn.LayerNorm(d)
        self.head = nn.Linear(d, KINDS)

    def forward(self, x):
        h = self.tok(x) + self.pos
        for block in self.blocks:
            h = block(h)
        return self.head(self.norm(h).mean(1))


def factor(step):
    if step < WARMUP:
        return (step + 1) / WARMUP
    return 0.5 * (1 + math.cos(math.pi * (step - WARMUP) / (STEPS - WARMUP)))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    x, y = deeds(4000, gen)
    x_test, y_test = deeds(500, gen)
    model = Notary()
    decay = [p for p in model.parameters() if p.dim() > 1]
    rest = [p for p in model.parameters() if p.dim() <= 1]
    groups = [{"params": decay, "weight_decay": 0.05}, {"params": rest, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=3e-3, betas=(0.9, 0.98))
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
    run.watch(model, optimizer)
    model.train()
    for step in range(STEPS):
        optimizer.zero_grad(set_to_none=True)
        total = 0.0
        for _ in range(MICRO):
            idx = torch.randint(0, len(x), (16,), generator=gen)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = model(x[idx])
            loss = F.cross_entropy(logits.float(), y[idx]) / MICRO
            loss.backward()
            total += loss.item()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        run.log({"loss": total, "lr": scheduler.get_last_lr()[0]})
    model.eval()
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train)
