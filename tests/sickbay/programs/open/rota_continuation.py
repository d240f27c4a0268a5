"""Continuing a duty rota: a causal transformer with warm-up, tied embeddings, smoothed labels and ignored openings."""

import math

import torch
from torch import nn

from ...program import Program

NAMES, SPAN = 40, 16


def rotas(n, g):
    start, stride = torch.randint(0, 20, (n, 1), generator=g), torch.randint(1, 4, (n, 1), generator=g)
    rows = (start + stride * torch.arange(SPAN)) % 20
    swapped = torch.rand(n, SPAN, generator=g) < 0.08
    return torch.where(swapped, torch.randint(0, 20, (n, SPAN), generator=g), rows)


class Rota(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.names = nn.Embedding(NAMES, dim)
        self.place = nn.Parameter(torch.zeros(SPAN, dim))
        nn.init.normal_(self.names.weight, std=0.02)
        nn.init.normal_(self.place, std=0.02)
        layer = nn.TransformerEncoderLayer(
            dim, 4, 64, dropout=0.1, batch_first=True, norm_first=True, activation="gelu"
        )
        self.blocks = nn.TransformerEncoder(layer, 2, norm=nn.LayerNorm(dim), enable_nested_tensor=False)

    def forward(self, tokens):
        n = tokens.shape[1]
        mask = torch.full((n, n), float("-inf")).triu(1)
        return self.blocks(self.names(tokens) + self.place[:n], mask=mask) @ self.names.weight.T


def train(run, *, sick=False, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 9)
    data = rotas(2600, g)
    model = Rota()
    total, warm = 450, 80
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, betas=(0.9, 0.98), weight_decay=0.01)
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: s / warm if s < warm else 0.5 * (1 + math.cos(math.pi * (s - warm) / (total - warm)))
    )
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1, ignore_index=-100)
    run.watch(model, optimizer, criterion)
    for step in range(total):
        batch = data[torch.randint(0, 2300, (16,), generator=g)]
        target = batch[:, 1:].clone()
        target[:, :2] = -100
        loss = criterion(model(batch[:, :-1]).flatten(0, 1), target.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        if step % 10 == 0:
            run.log({"loss": loss.item(), "lr": scheduler.get_last_lr()[0]}, step=step)
    model.eval()
    with torch.no_grad():
        guess = model(data[2300:, :-1]).argmax(-1)
    return (guess[:, 2:] == data[2300:, 3:]).float().mean().item()


PROGRAM = Program(train)
