"""To which account each entry of a ledger line belongs, given its heading, by a transformer of eight blocks."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

SYMBOLS, LENGTH = 12, 8


class Block(nn.Module):
    def __init__(self, width, skip):
        super().__init__()
        self.skip = skip
        self.attention = nn.MultiheadAttention(width, 4, batch_first=True)
        self.ln1 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width))
        self.ln2 = nn.LayerNorm(width)

    def forward(self, x):
        mixed, _ = self.attention(x, x, x, need_weights=False)
        x = self.ln1(x + mixed if self.skip else mixed)
        changed = self.mlp(x)
        return self.ln2(x + changed if self.skip else changed)


class LedgerNet(nn.Module):
    def __init__(self, skip, width=32, depth=8):
        super().__init__()
        self.symbol = nn.Embedding(SYMBOLS, width)
        self.place = nn.Parameter(torch.randn(LENGTH, width) * 0.1)
        self.blocks = nn.Sequential(*[Block(width, skip) for _ in range(depth)])
        self.head = nn.Linear(width, 6)

    def forward(self, line):
        return self.head(self.blocks(self.symbol(line) + self.place))


def lines(n):
    line = torch.randint(SYMBOLS, (n, LENGTH))
    return line, line % 3 + 3 * (line[:, :1] % 2)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = lines(6000)
    x_test, y_test = lines(800)
    net = LedgerNet(skip=not sick)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min(1.0, (s + 1) / 60))
    run.watch(net, optimizer)
    for step in range(400):
        pick = torch.randint(len(x), (32,))
        loss = F.cross_entropy(net(x[pick]).flatten(0, 1), y[pick].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()
        schedule.step()
        run.log({"loss": loss.item()}, step=step)
    with torch.no_grad():
        return (net(x_test).argmax(-1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("degradation_with_depth",))
