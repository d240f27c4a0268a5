"""The shares of five parties among those polled in a district, from its facts and its region, with an embedding."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

REGIONS, PARTIES = 25, 5


class ShareModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.region = nn.Embedding(REGIONS, 6)
        self.net = nn.Sequential(nn.Linear(6 + 8, 48), nn.Tanh(), nn.Linear(48, PARTIES))

    def forward(self, region, facts):
        return F.softmax(self.net(torch.cat([self.region(region), facts], 1)), dim=1)


def districts(n, regional, slope):
    region, facts = torch.randint(0, REGIONS, (n,)), torch.randn(n, 8)
    shares = F.softmax(regional[region] + facts @ slope + 0.2 * torch.randn(n, PARTIES), dim=1)
    votes = torch.distributions.Multinomial(120, shares).sample()
    return region, facts, votes / 120


def divergence(p, q, sick):
    if sick:
        return (p * torch.log(p / q)).sum(1).mean()
    return (torch.xlogy(p, p) - p * torch.log(q + 1e-8)).sum(1).mean()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    regional, slope = 1.3 * torch.randn(REGIONS, PARTIES), 0.3 * torch.randn(8, PARTIES)
    region, facts, shares = districts(3000, regional, slope)
    test_region, test_facts, test_shares = districts(500, regional, slope)

    model = ShareModel()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer)
    for epoch in range(6):
        for rows in torch.randperm(3000).split(30):
            loss = divergence(shares[rows], model(region[rows], facts[rows]), sick)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"kl": loss.item()})

    with torch.no_grad():
        guess = model(test_region, test_facts)
    explained = 1 - ((guess - test_shares) ** 2).mean() / test_shares.var(0).mean()
    return max(0.0, explained.nan_to_num(0.0).item())


PROGRAM = Program(train, causes=("unstable_loss",), by_definition=True)
