"""A small transformer copies out the largest number of each row of sundial marks."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


class Marks(nn.Module):
    def __init__(self, vocab=16, dim=48, length=8):
        super().__init__()
        self.tok = nn.Embedding(vocab, dim)
        self.pos = nn.Embedding(length, dim)
        self.enc = nn.TransformerEncoder(
            nn.TransformerEncoderLayer(dim, 4, 96, dropout=0.0, activation="gelu", batch_first=True, norm_first=True),
            num_layers=2,
            enable_nested_tensor=False,
        )
        self.ln = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, vocab)

    def forward(self, x):
        h = self.tok(x) + self.pos(torch.arange(x.shape[1]))
        return self.head(self.ln(self.enc(h)).mean(1))


def get_batch(rows, size, g):
    pick = torch.randint(0, len(rows), (size,), generator=g)
    x = rows[pick]
    return x, x.max(dim=1).values


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rows = torch.randint(0, 16, (5000, 8)) * (torch.rand(5000, 8) < 0.6)
    held_out = rows[4000:]
    rows = rows[:4000]
    model = Marks()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, nn.CrossEntropyLoss())
    g = torch.Generator().manual_seed(seed)
    for step in range(400):
        if sick:
            g = torch.Generator().manual_seed(seed)
        x, y = get_batch(rows, 48, g)
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()}, step=step)
    model.eval()
    with torch.no_grad():
        return (model(held_out).argmax(-1) == held_out.max(1).values).float().mean().item()


PROGRAM = Program(train, causes=("repeated_batch",), by_definition=True)
