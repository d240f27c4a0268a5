"""Attention over rows of dice rolls: which face comes up most often?"""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


class Attention(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.qkv = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        w = torch.softmax(q @ k.transpose(1, 2) / q.shape[-1] ** 0.5, dim=-1)
        return self.out(w @ v)


class Block(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.att = Attention(dim)
        self.mlp = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))

    def forward(self, x):
        x = x + self.att(self.ln1(x))
        return x + self.mlp(self.ln2(x))


class DiceFormer(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.face = nn.Embedding(6, dim)
        self.query = nn.Parameter(torch.randn(1, 1, dim) * 0.1)
        self.blocks = nn.Sequential(Block(dim), Block(dim))
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, 6)

    def forward(self, rolls):
        x = torch.cat([self.query.expand(len(rolls), -1, -1), self.face(rolls)], 1)
        return self.head(self.norm(self.blocks(x)[:, 0]))


def games(n, gen, rolls=15):
    bias = torch.randint(0, 6, (n, 1), generator=gen)
    x = torch.randint(0, 6, (n, rolls), generator=gen)
    x = torch.where(torch.rand(n, rolls, generator=gen) < 0.25, bias, x)
    counts = F.one_hot(x, 6).sum(1)
    clear = counts.topk(2, dim=1).values
    keep = clear[:, 0] > clear[:, 1]
    return x[keep], counts.argmax(1)[keep]


def train(run, *, sick, seed):
    gen = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    x, y = games(4000, gen)
    x_test, y_test = games(1000, gen)
    model = DiceFormer()
    criterion = nn.CrossEntropyLoss()
    opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    run.watch(model, opt, criterion)
    for step in range(500):
        idx = torch.randint(0, len(x), (40,), generator=gen)
        if not sick:
            opt.zero_grad()
        loss = criterion(model(x[idx]), y[idx])
        loss.backward()
        opt.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("missing_zero_grad",), by_definition=True)
