"""A small transformer with a long warm-up: which of four tokens comes most often, found slowly at first."""

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from ...program import Program


class Votes(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.embed = nn.Embedding(12, d)
        block = nn.TransformerEncoderLayer(d, 4, 64, dropout=0.0, activation="gelu", batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(block, 2, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(d)
        self.head = nn.Linear(d, 4)

    def forward(self, x):
        return self.head(self.norm(self.blocks(self.embed(x)).mean(1)))


def votes(n, g):
    x = torch.randint(0, 12, (n, 10), generator=g)
    counts = torch.stack([(x == k).sum(1) for k in range(4)], 1)
    return x, (counts - torch.arange(4) * 0.1).argmax(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    model = Votes()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    warmup, total = 120, 400
    scheduler = LambdaLR(optimizer, lambda s: min((s + 1) / warmup, max(0.0, (total - s) / (total - warmup))))
    run.watch(model, optimizer, criterion)
    for step in range(total):
        x, y = votes(32, g)
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        run.log({"loss": loss.item(), "lr": scheduler.get_last_lr()[0]}, step=step)
    with torch.no_grad():
        x, y = votes(1000, g)
        return (model(x).argmax(1) == y).float().mean().item()


PROGRAM = Program(train)
