"""Sequence to sequence: an encoder hears six digits, a decoder says them backwards."""

import torch
from torch import nn

from ...program import Program

DIGITS, LENGTH = 10, 6


class Encoder(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.embedding = nn.Embedding(DIGITS, 24)
        self.gru = nn.GRU(24, hidden, batch_first=True)

    def forward(self, src):
        _, hidden = self.gru(self.embedding(src))
        return hidden


class Decoder(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.embedding = nn.Embedding(DIGITS + 1, 24)
        self.gru = nn.GRU(24, hidden, batch_first=True)
        self.out = nn.Linear(hidden, DIGITS)

    def forward(self, tokens, hidden):
        output, hidden = self.gru(self.embedding(tokens), hidden)
        return self.out(output), hidden


class Seq2Seq(nn.Module):
    def __init__(self, hidden=40, cut=False):
        super().__init__()
        self.encoder = Encoder(hidden)
        self.decoder = Decoder(hidden)
        self.cut = cut

    def forward(self, src, tgt_in):
        hidden = self.encoder(src)
        if self.cut:
            hidden = hidden.detach()
        logits, _ = self.decoder(tgt_in, hidden)
        return logits


def pairs(n, g):
    src = torch.randint(0, DIGITS, (n, LENGTH), generator=g)
    tgt = src.flip(1)
    start = torch.full((n, 1), DIGITS)
    return src, torch.cat([start, tgt[:, :-1]], 1), tgt


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    model = Seq2Seq(cut=sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=8e-3)
    run.watch(model, optimizer, criterion)
    for step in range(500):
        src, tgt_in, tgt = pairs(32, g)
        logits = model(src, tgt_in)
        loss = criterion(logits.reshape(-1, DIGITS), tgt.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        if step % 10 == 0:
            run.log({"loss": loss.item()}, step=step)
    with torch.no_grad():
        src, tgt_in, tgt = pairs(500, g)
        return (model(src, tgt_in).argmax(-1) == tgt).float().mean().item()


PROGRAM = Program(train, causes=("no_gradient",), by_definition=True)
