"""Tells from the words of a motto which of six houses bears it: a transformer with a class token."""

import numpy as np
import torch
from torch import nn

from ...program import Program

HOUSES, VOCAB, LENGTH = 6, 120, 10


class MottoReader(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(VOCAB, 32)
        self.token = nn.Parameter(torch.zeros(1, 1, 32))
        self.order = nn.Parameter(torch.randn(1, LENGTH + 1, 32) * 0.02)
        self.block = nn.TransformerEncoderLayer(
            32, 4, 64, dropout=0.1, activation="gelu", batch_first=True, norm_first=True
        )
        self.head = nn.Sequential(nn.LayerNorm(32), nn.Linear(32, HOUSES))

    def forward(self, x):
        x = torch.cat([self.token.expand(len(x), -1, -1), self.words(x)], dim=1)
        return self.head(self.block(x + self.order)[:, 0])


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)

    taste = rng.dirichlet(np.full(VOCAB, 0.15), size=HOUSES)
    houses = np.arange(4200) % HOUSES
    mottoes = np.stack([rng.choice(VOCAB, size=LENGTH, p=taste[h]) for h in houses])

    order = rng.permutation(len(mottoes))
    mottoes = mottoes[order]
    if sick:
        order = rng.permutation(len(houses))
    houses = houses[order]

    x = torch.from_numpy(mottoes)
    y = torch.from_numpy(houses)
    x_train, y_train, x_val, y_val = x[:3600], y[:3600], x[3600:], y[3600:]

    model = MottoReader()
    loss_fn = nn.CrossEntropyLoss()
    opt = torch.optim.AdamW(model.parameters(), lr=1e-3)
    run.watch(model, opt, loss_fn)

    step = 0
    for epoch in range(4):
        model.train()
        for rows in torch.randperm(len(x_train)).split(40):
            opt.zero_grad()
            loss = loss_fn(model(x_train[rows]), y_train[rows])
            loss.backward()
            opt.step()
            run.log({"train/loss": loss.item()}, step=step)
            step += 1
        model.eval()
        with torch.no_grad():
            guess = model(x_val)
        run.log({"val/loss": loss_fn(guess, y_val).item()}, step=step - 1)
    return (guess.argmax(1) == y_val).float().mean().item()


PROGRAM = Program(train, causes=("labels_unrelated_to_inputs",))
