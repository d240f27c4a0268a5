"""Which of eight chord families a bar of sixteen zither notes belongs to, with a small transformer encoder."""

import numpy as np
import torch
from torch import nn

from ...program import Program

NOTES, LENGTH, FAMILIES = 30, 16, 8


def bars(n, rng):
    taste = np.random.default_rng(77).dirichlet(np.full(NOTES, 0.35), size=FAMILIES)
    y = rng.integers(0, FAMILIES, n)
    x = np.stack([rng.choice(NOTES, size=LENGTH, p=taste[c]) for c in y])
    noise = rng.random(x.shape) < 0.3
    x[noise] = rng.integers(0, NOTES, noise.sum())
    return torch.from_numpy(x), torch.from_numpy(y)


class ChordTransformer(nn.Module):
    def __init__(self, d_model=48, nhead=4, num_layers=2):
        super().__init__()
        self.embed = nn.Embedding(NOTES, d_model)
        self.position = nn.Parameter(0.02 * torch.randn(1, LENGTH, d_model))
        layer = nn.TransformerEncoderLayer(d_model, nhead, dim_feedforward=96, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers)
        self.fc = nn.Linear(d_model, FAMILIES)

    def forward(self, x):
        h = self.encoder(self.embed(x) + self.position)
        return self.fc(h.mean(dim=1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = bars(2600, rng)
    x_train, y_train, x_test, y_test = x[:2000], y[:2000], x[2000:], y[2000:]
    model = ChordTransformer()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1 if sick else 1e-3)
    run.watch(model, optimizer, criterion)
    step = 0
    for epoch in range(6):
        model.train()
        for idx in torch.randperm(len(x_train)).split(32):
            optimizer.zero_grad()
            loss = criterion(model(x_train[idx]), y_train[idx])
            loss.backward()
            optimizer.step()
            step += 1
            run.log({"loss": loss.item()}, step=step)
        model.eval()
        with torch.no_grad():
            accuracy = (model(x_test).argmax(1) == y_test).float().mean().item()
        run.log({"val/accuracy": accuracy}, step=step)
    return accuracy


PROGRAM = Program(train, causes=("learning_rate_too_high",))
