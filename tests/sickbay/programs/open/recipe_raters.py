"""Matrix factorisation of the stars that people gave to recipes."""

import torch
from torch import nn

from ...program import Program


class Factors(nn.Module):
    def __init__(self, people, recipes, mean, dim=6):
        super().__init__()
        self.person = nn.Embedding(people, dim)
        self.recipe = nn.Embedding(recipes, dim)
        self.person_bias = nn.Embedding(people, 1)
        self.recipe_bias = nn.Embedding(recipes, 1)
        self.mean = mean
        for e in (self.person, self.recipe):
            nn.init.normal_(e.weight, std=0.1)
        for e in (self.person_bias, self.recipe_bias):
            nn.init.zeros_(e.weight)

    def forward(self, p, r):
        match = (self.person(p) * self.recipe(r)).sum(1)
        return self.mean + match + self.person_bias(p).squeeze(1) + self.recipe_bias(r).squeeze(1)


def stars(people=1600, recipes=400, n=100000):
    a, b = torch.randn(people, 3), torch.randn(recipes, 3)
    kind, good = 0.4 * torch.randn(people), 0.5 * torch.randn(recipes)
    cell = torch.randperm(people * recipes)[:n]
    p, r = cell // recipes, cell % recipes
    rating = 3.3 + 0.4 * (a[p] * b[r]).sum(1) + kind[p] + good[r] + 0.3 * torch.randn(n)
    return p, r, rating.clamp(0.5, 5.5)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    p, r, rating = stars()
    cut = 80000
    model = Factors(1600, 400, rating[:cut].mean().item())
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=0.1)
    epochs = 10
    scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.05, total_iters=epochs)
    mse = nn.MSELoss()
    run.watch(model, optimizer, mse)
    for epoch in range(epochs):
        for idx in torch.randperm(cut).split(1024):
            loss = mse(model(p[idx], r[idx]), rating[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"mse": loss.item()})
        scheduler.step()
        with torch.no_grad():
            run.log({"val_mse": mse(model(p[cut:], r[cut:]), rating[cut:]).item()})
    with torch.no_grad():
        return 1 - mse(model(p[cut:], r[cut:]), rating[cut:]).item() / rating[cut:].var().item()


PROGRAM = Program(train)
