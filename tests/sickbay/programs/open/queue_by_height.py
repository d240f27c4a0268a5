"""A small transformer puts eight numbers in order, one output at each place."""

import torch
from torch import nn

from ...program import Program


class Sorter(nn.Module):
    def __init__(self, vocab=10, length=8, dim=48, heads=4, layers=2):
        super().__init__()
        self.tokens = nn.Embedding(vocab, dim)
        self.places = nn.Parameter(torch.randn(length, dim) * 0.02)
        layer = nn.TransformerEncoderLayer(
            dim, heads, 2 * dim, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, layers, norm=nn.LayerNorm(dim), enable_nested_tensor=False)
        self.unembed = nn.Linear(dim, vocab)
        nn.init.normal_(self.tokens.weight, std=0.1)

    def forward(self, x):
        return self.unembed(self.encoder(self.tokens(x) + self.places))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    model = Sorter()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, betas=(0.9, 0.98), weight_decay=0.01)
    steps = 450
    sched = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps, pct_start=0.15)
    run.watch(model, optimizer, criterion)
    for step in range(steps):
        x = torch.randint(0, 10, (48, 8))
        y = x.sort(dim=1).values
        logits = model(x)
        loss = criterion(logits.transpose(1, 2), y)
        optimizer.zero_grad()
        loss.backward()
        grad_norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        sched.step()
        run.log({"loss": loss.item(), "grad_norm": grad_norm.item(), "lr": sched.get_last_lr()[0]}, step=step)
    model.eval()
    with torch.no_grad():
        x = torch.randint(0, 10, (500, 8))
        return (model(x).argmax(-1) == x.sort(dim=1).values).float().mean().item()


PROGRAM = Program(train)
