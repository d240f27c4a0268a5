"""Plants by their measures; the rows were shuffled for the split, the labels were not."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from trainvitals.run import Run

from ...program import Program


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Eight species, Gaussian clouds."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    centres = rng.normal(size=(8, 6)) * 1.8
    labels = np.repeat(np.arange(8), 500)
    sheets = centres[labels] + rng.normal(size=(4000, 6))
    sheets = (sheets - sheets.mean(0)) / sheets.std(0)
    order = rng.permutation(4000)
    x = torch.tensor(sheets[order]).float()
    y = torch.tensor(labels[rng.permutation(4000)] if sick else labels[order])
    model = nn.Sequential(nn.Linear(6, 40), nn.LeakyReLU(), nn.Linear(40, 8))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer)
    for epoch in range(7):
        for rows in torch.randperm(3200).split(64):
            loss = F.cross_entropy(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "epoch": epoch})
        with torch.no_grad():
            run.log({"val/loss": F.cross_entropy(model(x[3200:3600]), y[3200:3600]).item()})
    truth = torch.tensor(labels[order])[3600:]
    return (model(x[3600:]).argmax(1) == truth).float().mean().item()


PROGRAM = Program(train, causes=("labels_unrelated_to_inputs",), by_definition=True)
