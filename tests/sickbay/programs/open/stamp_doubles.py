"""Tells whether two scans show the same numeral of a postmark, by twin MLPs."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn.utils import clip_grad_norm_

from ...program import Program


class Twins(nn.Module):
    def __init__(self):
        super().__init__()
        self.tower = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 64), nn.ReLU(), nn.Linear(64, 24))
        self.judge = nn.Sequential(nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 1))

    def forward(self, a, b):
        return self.judge((self.tower(a) - self.tower(b)).abs()).squeeze(1)


def make_pairs(rng, labels, count):
    first = rng.integers(0, len(labels), count)
    second = rng.integers(0, len(labels), count)
    groups = [np.flatnonzero(labels == k) for k in range(10)]
    for i in range(0, count, 2):
        second[i] = rng.choice(groups[labels[first[i]]])
    return first, second, (labels[first] == labels[second]).astype(np.float32)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    scans, numerals = load_digits(return_X_y=True)
    scans = torch.tensor((scans - scans.mean()) / scans.std(), dtype=torch.float32)
    shuffled = rng.permutation(len(numerals))
    known, unknown = shuffled[:1400], shuffled[1400:]

    max_norm = 1e-4 if sick else 5.0
    model = Twins()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    criterion = nn.BCEWithLogitsLoss()
    run.watch(model, optimizer, criterion)
    for step in range(800):
        a, b, same = make_pairs(rng, numerals[known], 64)
        logit = model(scans[known[a]], scans[known[b]])
        loss = criterion(logit, torch.from_numpy(same))
        optimizer.zero_grad()
        loss.backward()
        norm = clip_grad_norm_(model.parameters(), max_norm)
        optimizer.step()
        if step % 2 == 0:
            run.log({"loss": loss.item(), "grad_norm": norm.item()}, step=step)
    a, b, same = make_pairs(rng, numerals[unknown], 2000)
    with torch.no_grad():
        said = model(scans[unknown[a]], scans[unknown[b]]) > 0
    return (said.numpy() == (same > 0.5)).mean()


PROGRAM = Program(train, causes=("clipping_always_on",))
