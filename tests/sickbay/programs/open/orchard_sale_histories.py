"""What an orchard will sell for, in crowns, from sixteen quarters of accounts: a transformer regression."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def accounts(n, rng):
    quarters = np.cumsum(rng.normal(0, 0.4, (n, 16, 4)), 1)
    quarters += rng.normal(0, 1, (n, 1, 4))
    worth = (
        quarters[:, -4:, 0].mean(1) + 0.6 * quarters[:, :, 1].mean(1) - 0.5 * (quarters[:, -1, 2] - quarters[:, 0, 2])
    )
    price = 240_000 + 45_000 * worth + rng.normal(0, 6_000, n)
    quarters = (quarters - quarters.mean((0, 1))) / quarters.std((0, 1))
    return torch.tensor(quarters, dtype=torch.float32), torch.tensor(price, dtype=torch.float32).unsqueeze(1)


class Valuer(nn.Module):
    def __init__(self, dim=24):
        super().__init__()
        self.embed = nn.Linear(4, dim)
        self.position = nn.Parameter(torch.randn(1, 16, dim) * 0.1)
        self.encoder = nn.TransformerEncoder(
            nn.TransformerEncoderLayer(dim, 2, 48, dropout=0.0, activation="gelu", batch_first=True), num_layers=2
        )
        self.price = nn.Linear(dim, 1)

    def forward(self, x):
        return self.price(self.encoder(self.embed(x) + self.position).mean(dim=1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, price = accounts(2500, np.random.default_rng(seed))
    centre, width = price[:2000].mean(), price[:2000].std()
    y = price if sick else (price - centre) / width
    model = Valuer()
    criterion = nn.MSELoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        model.train()
        for rows in torch.randperm(2000).split(40):
            optimizer.zero_grad()
            loss = criterion(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            error = criterion(model(x[2000:]), y[2000:]).item()
        run.log({"val/loss": error, "epoch": epoch})
    return max(0.0, 1 - error / y[2000:].var().item())


PROGRAM = Program(train, causes=("target_not_scaled",))
