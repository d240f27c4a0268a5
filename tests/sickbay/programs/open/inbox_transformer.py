"""A small transformer encoder sorts support e-mails into six departments."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

VOCAB, LENGTH, DEPARTMENTS = 90, 18, 6


def make_mails(n, gen):
    y = torch.randint(0, DEPARTMENTS, (n,), generator=gen)
    tokens = torch.randint(48, VOCAB, (n, LENGTH), generator=gen)
    own = torch.randint(0, 8, (n, LENGTH), generator=gen) + 8 * y[:, None]
    other = torch.randint(0, 48, (n, LENGTH), generator=gen)
    u = torch.rand(n, LENGTH, generator=gen)
    tokens = torch.where(u < 0.22, own, tokens)
    tokens = torch.where(u > 0.85, other, tokens)
    return tokens, y


class MailSorter(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.token = nn.Embedding(VOCAB, d)
        self.position = nn.Parameter(0.02 * torch.randn(1, LENGTH, d))
        layer = nn.TransformerEncoderLayer(d, 4, 96, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)
        self.head = nn.Linear(d, DEPARTMENTS)

    def forward(self, tokens):
        h = self.encoder(self.token(tokens) + self.position)
        return self.head(h.mean(dim=1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    x, y = make_mails(4000, gen)
    xt, yt = make_mails(500, gen)
    model = MailSorter()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1 if sick else 1e-3)
    run.watch(model, optimizer)
    model.train()
    for step in range(300):
        idx = torch.randint(0, len(x), (32,), generator=gen)
        loss = F.cross_entropy(model(x[idx]), y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        return (model(xt).argmax(-1) == yt).float().mean().item()


PROGRAM = Program(train, causes=("learning_rate_too_high",))
