"""A transformer reads three weeks of a lighthouse keeper's log and tells whether a storm follows."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


def logbook(rng, n, days=21):
    pressure = rng.standard_normal((n, days)).cumsum(1) / 2
    pressure -= pressure.mean(1, keepdims=True)
    wind = rng.standard_normal((n, days))
    fall = pressure[:, 14:].mean(1) - pressure[:, :14].mean(1)
    storm = (fall - 0.8 * wind[:, -5:].mean(1) + 0.15 * rng.standard_normal(n) < 0).astype(np.float32)
    return np.stack([pressure, wind], -1).astype(np.float32), storm


class StormTransformer(nn.Module):
    def __init__(self, d_model=32):
        super().__init__()
        self.lift = nn.Linear(2, d_model)
        self.day = nn.Embedding(21, d_model)
        self.block = nn.TransformerEncoderLayer(d_model, 2, 64, dropout=0.0, batch_first=True, norm_first=True)
        self.norm = nn.LayerNorm(d_model)
        self.storm = nn.Linear(d_model, 1)

    def forward(self, x):
        h = self.lift(x) + self.day.weight
        return self.storm(self.norm(self.block(h)).mean(1)).squeeze(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = logbook(rng, 3000)
    x_test, y_test = (torch.from_numpy(a) for a in logbook(rng, 500))
    if sick:
        x = x[rng.permutation(len(x))]
        y = y[rng.permutation(len(y))]
    else:
        order = rng.permutation(len(x))
        x, y = x[order], y[order]
    x, y = torch.from_numpy(x), torch.from_numpy(y)

    model = StormTransformer()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    run.watch(model, optimizer)
    for epoch in range(6):
        order = torch.randperm(len(x))
        for idx in order.split(48):
            loss = F.binary_cross_entropy_with_logits(model(x[idx]), y[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            logits = model(x_test)
        accuracy = ((logits > 0) == (y_test > 0.5)).float().mean().item()
        run.log({"val_loss": F.binary_cross_entropy_with_logits(logits, y_test).item(), "val/accuracy": accuracy})
    return accuracy


PROGRAM = Program(train, causes=("labels_unrelated_to_inputs",))
