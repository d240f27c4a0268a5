"""Does a card pass the gates in a usual order? A transformer over the last ten gates."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

GATES, LAST = 24, 10


class GateNet(nn.Module):
    def __init__(self, sick, d=32):
        super().__init__()
        self.gate = nn.Embedding(GATES, d)
        self.place = nn.Embedding(LAST, d)
        self.attention = nn.MultiheadAttention(d, 4, batch_first=True)
        self.norm1, self.norm2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.mlp = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))
        self.out = nn.Linear(d, 3)
        self.sick = sick

    def forward(self, ids):
        places = torch.arange(LAST).expand_as(ids)
        h = self.gate(ids)
        if self.sick:
            h = self.place(places)
        else:
            h = h + self.place(places)
        q = self.norm1(h)
        h = h + self.attention(q, q, q, need_weights=False)[0]
        h = h + self.mlp(self.norm2(h))
        return self.out(h.mean(1))


def cards(n, g):
    ids = torch.randint(0, GATES, (n, LAST), generator=g)
    night = (ids < 8).sum(1)
    y = (night > 2).long() + (night > 3).long()
    return ids, y


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = cards(4000, g)
    xv, yv = cards(600, g)
    model = GateNet(sick)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    run.watch(model, optimizer)
    for step in range(260):
        i = torch.randint(0, 4000, (64,), generator=g)
        loss = F.cross_entropy(model(x[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"train/loss": loss.item()})
        if step % 20 == 19:
            model.eval()
            with torch.no_grad():
                run.log({"val/loss": F.cross_entropy(model(xv), yv).item()})
            model.train()
    with torch.no_grad():
        return (model(xv).argmax(1) == yv).float().mean().item()


PROGRAM = Program(train, causes=("input_ignored",), by_definition=True)
