"""Two towers: do an applicant and a vacancy fit? Scores are dot products of embeddings."""

import torch
from torch import nn

from ...program import Program


class Tower(nn.Module):
    def __init__(self, vocabulary, dim=24):
        super().__init__()
        self.words = nn.EmbeddingBag(vocabulary, 32, mode="mean")
        self.mlp = nn.Sequential(nn.Linear(32, 48), nn.ReLU(), nn.Linear(48, dim))

    def forward(self, tokens):
        return self.mlp(self.words(tokens))


class TwoTower(nn.Module):
    def __init__(self, reuse):
        super().__init__()
        self.applicant, self.vacancy = Tower(120), Tower(80)
        self.scale = nn.Parameter(torch.tensor(1.0))
        self.reuse = reuse

    def forward(self, a, v):
        left, right = self.applicant(a), self.vacancy(v)
        if self.reuse:  # vacancies are kept for the index
            right = right.detach()
            left = left.data
        return self.scale * (left * right).sum(-1)


def pairs(n, skill_a, skill_v, g):
    a = torch.randint(120, (n, 6), generator=g)
    v = torch.randint(80, (n, 5), generator=g)
    fit = (skill_a[a].mean(1) * skill_v[v].mean(1)).sum(-1)
    return a, v, (fit > 0).float()


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    skill_a, skill_v = torch.randn(120, 2, generator=g), torch.randn(80, 2, generator=g)
    data = pairs(16000, skill_a, skill_v, g)
    held = pairs(800, skill_a, skill_v, g)
    model = TwoTower(reuse=sick)
    bce = nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, opt, bce)
    for step in range(600):
        i = torch.randint(16000, (64,), generator=g)
        loss = bce(model(data[0][i], data[1][i]), data[2][i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.log({"loss": loss})
    with torch.no_grad():
        return ((model(held[0], held[1]) > 0).float() == held[2]).float().mean().item()


PROGRAM = Program(train, causes=("no_gradient",), by_definition=True)
