"""Low-rank adapters beside the frozen projections of a trained encoder; the second factor starts at zero."""

import torch
import torch.nn as nn

from ...program import Program

VOCAB, LENGTH = 80, 14


class Adapted(nn.Module):
    def __init__(self, base, rank=6, alpha=12):
        super().__init__()
        self.base = base.requires_grad_(False)
        self.A = nn.Parameter(torch.randn(rank, base.in_features) / base.in_features**0.5)
        self.B = nn.Parameter(torch.zeros(base.out_features, rank))
        self.scale = alpha / rank

    def forward(self, x):
        return self.base(x) + self.scale * (x @ self.A.T @ self.B.T)


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.q, self.k, self.v, self.o = (nn.Linear(d, d) for _ in range(4))
        self.up, self.down = nn.Linear(d, 2 * d), nn.Linear(2 * d, d)

    def forward(self, x):
        h = self.norm1(x)
        weights = torch.softmax(self.q(h) @ self.k(h).transpose(1, 2) / h.shape[-1] ** 0.5, -1)
        x = x + self.o(weights @ self.v(h))
        return x + self.down(torch.relu(self.up(self.norm2(x))))


class Encoder(nn.Module):
    def __init__(self, d=40, classes=5):
        super().__init__()
        self.embed = nn.Embedding(VOCAB, d)
        self.blocks = nn.ModuleList(Block(d) for _ in range(2))
        self.head = nn.Linear(d, classes)

    def forward(self, ids):
        h = self.embed(ids)
        for block in self.blocks:
            h = block(h)
        return self.head(h.mean(1))


def texts(n, g, habits):
    y = torch.randint(0, len(habits), (n,), generator=g)
    return torch.multinomial(habits[y], LENGTH, replacement=True, generator=g), y


def fit(model, optimizer, x, y, steps, log):
    for step in range(steps):
        i = torch.randint(0, len(x), (40,))
        loss = nn.functional.cross_entropy(model(x[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        log(step, loss)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    habits = torch.softmax(torch.randn(10, VOCAB, generator=torch.Generator().manual_seed(43)), 1)
    model = Encoder()
    x, y = texts(2000, g, habits[:5])
    fit(model, torch.optim.Adam(model.parameters(), lr=2e-3), x, y, 150, lambda step, loss: None)
    model.requires_grad_(False)
    for block in model.blocks:
        block.q, block.v, block.down = Adapted(block.q), Adapted(block.v), Adapted(block.down)
    model.head = nn.Linear(40, 5)
    x, y = texts(1600, g, habits[5:])
    xv, yv = texts(400, g, habits[5:])
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=3e-3)
    run.watch(model, optimizer)

    def log(step, loss):
        run.log({"loss": loss.item()})
        if step % 50 == 49:
            with torch.no_grad():
                run.log({"eval_loss": nn.functional.cross_entropy(model(xv), yv).item()})

    fit(model, optimizer, x, y, 250, log)
    with torch.no_grad():
        return (model(xv).argmax(1) == yv).float().mean().item()


PROGRAM = Program(train)
