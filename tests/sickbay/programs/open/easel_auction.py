"""The hammer price of paintings, in pounds, from a dozen standardised facts of the catalogue."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def catalogue(n, seed):
    rng = np.random.default_rng(seed)
    facts = rng.normal(size=(n, 12))
    value = 1.2 * facts[:, 0] + 0.8 * facts[:, 1] * facts[:, 2] + np.tanh(2 * facts[:, 3]) + 0.6 * facts[:, 4]
    price = 180_000 + 45_000 * value + 6_000 * rng.normal(size=n)
    return facts.astype(np.float32), price.astype(np.float32)[:, None]


class PriceModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden1 = nn.Linear(12, 64)
        self.hidden2 = nn.Linear(64, 32)
        self.out = nn.Linear(32, 1)
        self.act = nn.ReLU()

    def forward(self, x):
        x = self.act(self.hidden1(x))
        x = self.act(self.hidden2(x))
        return self.out(x)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    facts, price = catalogue(2500, seed)
    mean, std = (0.0, 1.0) if sick else (price[:2000].mean(), price[:2000].std())
    target = torch.from_numpy((price - np.float32(mean)) / np.float32(std))
    facts = torch.from_numpy(facts)
    loader = DataLoader(TensorDataset(facts[:2000], target[:2000]), batch_size=64, shuffle=True, drop_last=True)

    model = PriceModel()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    step = 0
    for epoch in range(15):
        for x, y in loader:
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            if step % 5 == 0:
                run.log({"loss": loss.item()}, step=step)
    with torch.no_grad():
        residual = model(facts[2000:]) - target[2000:]
    return max(0.0, 1 - (residual.pow(2).mean() / target[2000:].var()).item())


PROGRAM = Program(train, causes=("target_not_scaled",))
