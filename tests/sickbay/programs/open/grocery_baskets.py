"""Which aisle dominates a basket: a small transformer encoder, mean pooling, Adam."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


class BasketEncoder(nn.Module):
    def __init__(self, items=60, d=32, aisles=5):
        super().__init__()
        self.emb = nn.Embedding(items, d)
        self.pos = nn.Parameter(torch.randn(1, 14, d) * 0.02)
        layer = nn.TransformerEncoderLayer(d, 4, 64, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)
        self.head = nn.Linear(d, aisles)

    def forward(self, ids):
        return self.head(self.encoder(self.emb(ids) + self.pos).mean(1))


def baskets(n, g):
    aisle = torch.randint(0, 5, (n,), generator=g)
    other = torch.randint(0, 60, (n, 14), generator=g)
    own = aisle[:, None] * 12 + torch.randint(0, 12, (n, 14), generator=g)
    return torch.where(torch.rand(n, 14, generator=g) < 0.4, own, other), aisle


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 100)
    ids, aisle = baskets(14000, g)
    val_ids, val_aisle = baskets(500, g)
    model = BasketEncoder()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05 if sick else 1e-3)
    run.watch(model, optimizer)
    for step, rows in enumerate(torch.randperm(14000, generator=g).split(50)):
        loss = F.cross_entropy(model(ids[rows]), aisle[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 5 == 4:
            run.log({"train_loss": loss.item()})
        if step % 70 == 69:
            with torch.no_grad():
                run.log({"val_loss": F.cross_entropy(model(val_ids), val_aisle).item()})
    with torch.no_grad():
        return (model(val_ids).argmax(1) == val_aisle).float().mean().item()


PROGRAM = Program(train, causes=("learning_rate_too_high",))
