"""Are these two leaf outlines of one tree? A siamese network with a contrastive loss."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


class Tower(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(24, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 8))

    def forward(self, a, b):
        return self.net(a), self.net(b)


class ContrastiveLoss(nn.Module):
    def __init__(self, margin=1.5, eps=0.0):
        super().__init__()
        self.margin, self.eps = margin, eps

    def forward(self, u, v, same):
        d = torch.sqrt(((u - v) ** 2).sum(1) + self.eps)
        return (same * d**2 + (1 - same) * F.relu(self.margin - d) ** 2).mean()


def leaves(n, trees, g):
    tree = torch.randint(0, len(trees), (n,), generator=g)
    return trees[tree] + 0.7 * torch.randn(n, 24, generator=g), tree


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    trees = torch.randn(8, 24, generator=g)
    x, tree = leaves(600, trees, g)
    x_test, tree_test = leaves(600, trees, g)
    model = Tower()
    criterion = ContrastiveLoss(eps=0.0 if sick else 1e-8)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    for step in range(500):
        i = torch.randint(0, 600, (32,), generator=g)
        j = torch.randint(0, 600, (32,), generator=g)
        half = torch.arange(32) < 16
        for k in torch.nonzero(half).flatten().tolist():
            mates = torch.nonzero(tree == tree[i[k]]).flatten()
            j[k] = mates[torch.randint(0, len(mates), (1,), generator=g)]
        same = (tree[i] == tree[j]).float()
        u, v = model(x[i], x[j])
        loss = criterion(u, v, same)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"contrastive_loss": loss.item()})
    with torch.no_grad():
        u, v = model(x_test[:300], x_test[300:])
        near = (u - v).pow(2).sum(1).sqrt() < 0.75
    truth = tree_test[:300] == tree_test[300:]
    hit = near[truth].float().mean() + (~near[~truth]).float().mean()
    return hit.item() / 2


PROGRAM = Program(train, causes=("unstable_loss",))
