"""Next letter of names of ships: a table of letters and two layers of plain tensors, after a well-known lecture."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program

LETTERS, CONTEXT, D, HIDDEN = 27, 3, 10, 200


class Letters(nn.Module):
    def __init__(self, g, sick):
        super().__init__()
        self.C = nn.Parameter(torch.randn(LETTERS, D, generator=g))
        self.W1 = nn.Parameter(torch.randn(CONTEXT * D, HIDDEN, generator=g) * 0.3)
        self.b1 = nn.Parameter(torch.zeros(HIDDEN))
        self.W2 = nn.Parameter(torch.randn(HIDDEN, LETTERS, generator=g) * (1.0 if sick else 0.01))
        self.b2 = nn.Parameter(torch.randn(LETTERS, generator=g) * (1.0 if sick else 0.0))

    def forward(self, ids):
        h = torch.tanh(self.C[ids].flatten(1) @ self.W1 + self.b1)
        return h @ self.W2 + self.b2


def names(n, g):
    favourites = torch.randint(0, LETTERS, (LETTERS, LETTERS), generator=torch.Generator().manual_seed(37))
    ids = torch.randint(0, LETTERS, (n, CONTEXT), generator=g)
    y = favourites[ids[:, 2], ids[:, 1] % 3]
    noise = torch.rand(n, generator=g) < 0.15
    return ids, torch.where(noise, torch.randint(0, LETTERS, (n,), generator=g), y)


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(2147483647 + seed)
    x, y = names(20000, g)
    xv, yv = names(1500, g)
    model = Letters(g, sick)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer)
    for step in range(450):
        i = torch.randint(0, 20000, (48,), generator=g)
        loss = F.cross_entropy(model(x[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item(), "log10": loss.log10().item()})
    with torch.no_grad():
        return (model(xv).argmax(1) == yv).float().mean().item()


PROGRAM = Program(train, causes=("loss_at_init", "bad_initialisation"))
