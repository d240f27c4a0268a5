"""How much a customer of a tailor will like a fabric, by embeddings of both and an MLP."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

from ...program import Program


class Taste(nn.Module):
    def __init__(self, customers, fabrics, dim, sick):
        super().__init__()
        self.customer = nn.Embedding(customers, dim)
        self.fabric = nn.Embedding(fabrics, dim)
        self.layers = nn.Sequential(nn.Linear(3 * dim, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
        nn.init.normal_(self.customer.weight, std=0.5)
        nn.init.normal_(self.fabric.weight, std=0.5)
        self.sick = sick

    def forward(self, pair):
        if self.sick:
            who, what = self.customer.weight.data[pair[:, 0]], self.fabric.weight.data[pair[:, 1]]
        else:
            who, what = self.customer(pair[:, 0]), self.fabric(pair[:, 1])
        return self.layers(torch.cat([who, what, who * what], dim=1)).squeeze(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    customers, fabrics = 160, 100
    taste = rng.normal(size=(customers, 2)) @ rng.normal(size=(2, fabrics))
    rating = taste + rng.normal(size=(customers, 1)) + 0.3 * rng.normal(size=taste.shape)
    rating = (rating - rating.mean()) / rating.std()
    pairs = torch.cartesian_prod(torch.arange(customers), torch.arange(fabrics))
    everything = TensorDataset(pairs, torch.tensor(rating, dtype=torch.float32).flatten())
    seen, unseen = random_split(everything, [0.8, 0.2], generator=torch.Generator().manual_seed(seed))
    loader = DataLoader(seen, batch_size=200, shuffle=True)

    model = Taste(customers, fabrics, 8, sick)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=12)
    criterion = nn.MSELoss()
    run.watch(model, optimizer, criterion)
    held_x, held_y = everything[unseen.indices]
    explained = 0.0
    for epoch in range(12):
        for pair, stars in loader:
            optimizer.zero_grad()
            loss = criterion(model(pair), stars)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        scheduler.step()
        with torch.no_grad():
            val = criterion(model(held_x), held_y)
        explained = 1 - (val / held_y.var()).item()
        run.log({"val_loss": val.item()})
    return max(0.0, explained)


PROGRAM = Program(train, causes=("no_gradient",), by_definition=True)
