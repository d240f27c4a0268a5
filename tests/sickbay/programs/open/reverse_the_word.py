"""Sequence to sequence with attention and teacher forcing: write the word backwards."""

import torch
from torch import nn

from ...program import Program

PAD, BOS = 0, 1


def words(n, g):
    x = torch.randint(2, 14, (n, 7), generator=g)
    length = torch.randint(4, 8, (n,), generator=g)
    place = torch.arange(7)[None]
    x[place >= length[:, None]] = PAD
    back = (length[:, None] - 1 - place).clamp(min=0)
    y = x.gather(1, back)
    y[place >= length[:, None]] = PAD
    return x, y


class Seq2Seq(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.emb = nn.Embedding(14, d, padding_idx=PAD)
        self.enc = nn.GRU(d, d, batch_first=True)
        self.dec = nn.GRU(d, d, batch_first=True)
        self.out = nn.Linear(2 * d, 14)

    def forward(self, x, y):
        memory, h = self.enc(self.emb(x))
        start = torch.full_like(y[:, :1], BOS)
        hidden, _ = self.dec(self.emb(torch.cat([start, y[:, :-1]], 1)), h)
        weight = (hidden @ memory.transpose(1, 2) / 7).masked_fill((x == PAD)[:, None], float("-inf")).softmax(-1)
        return self.out(torch.cat([hidden, weight @ memory], -1))


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    model = Seq2Seq()
    criterion = nn.CrossEntropyLoss(ignore_index=PAD)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer, criterion)
    for it in range(300):
        x, y = words(64, g)
        loss = criterion(model(x, y).flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        x, y = words(500, g)
        return (model(x, y).argmax(-1) == y)[y != PAD].float().mean().item()


PROGRAM = Program(train)
