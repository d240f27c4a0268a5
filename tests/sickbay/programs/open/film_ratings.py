"""Ratings of films by embeddings and biases; sparse touches, weight decay, ratings from 1 to 5."""

import torch
import torch.nn as nn

from ...program import Program

USERS, FILMS = 150, 200


class MatrixFactorization(nn.Module):
    def __init__(self, k=8):
        super().__init__()
        self.user, self.film = nn.Embedding(USERS, k), nn.Embedding(FILMS, k)
        self.user_bias, self.film_bias = nn.Embedding(USERS, 1), nn.Embedding(FILMS, 1)
        for table in (self.user, self.film):
            nn.init.normal_(table.weight, std=0.1)
        for table in (self.user_bias, self.film_bias):
            nn.init.zeros_(table.weight)
        self.mean = 3.5

    def forward(self, u, f):
        dot = (self.user(u) * self.film(f)).sum(1)
        return dot + self.user_bias(u).squeeze(1) + self.film_bias(f).squeeze(1) + self.mean


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(4)
    taste, style = torch.randn(USERS, 3, generator=g), torch.randn(FILMS, 3, generator=g)
    level = 0.6 * torch.randn(FILMS, generator=g)
    u = torch.randint(0, USERS, (14000,), generator=g)
    f = torch.randint(0, FILMS, (14000,), generator=g)
    stars = (
        (3.5 + 0.4 * (taste[u] * style[f]).sum(1) + level[f] + 0.3 * torch.randn(14000, generator=g))
        .round()
        .clamp(1, 5)
    )
    model = MatrixFactorization()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02, weight_decay=1e-5)
    run.watch(model, optimizer, criterion)
    for epoch in range(5):
        for i in torch.randperm(12000).split(128):
            optimizer.zero_grad()
            loss = criterion(model(u[i], f[i]), stars[i])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            p = model(u[12000:], f[12000:])
            run.log({"val_loss": criterion(p, stars[12000:]).item()})
    return 1 - (p - stars[12000:]).pow(2).mean().item() / stars[12000:].var().item()


PROGRAM = Program(train)
