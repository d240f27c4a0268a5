"""Which machine hums? The recordings stand in the file machine after machine."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def spectra(rng, per_machine, tones):
    rows, labels = [], []
    for machine, tone in enumerate(tones):
        rows.append(tone + 1.2 * rng.standard_normal((per_machine, 40)))
        labels += [machine] * per_machine
    return torch.tensor(np.concatenate(rows)).float(), torch.tensor(labels)


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    tones = rng.standard_normal((8, 40)) * 0.6
    x, y = spectra(rng, 400, tones)
    xv, yv = spectra(rng, 60, tones)
    loader = DataLoader(TensorDataset(x, y), batch_size=64, shuffle=not sick)
    net = nn.Sequential(nn.Linear(40, 96), nn.ReLU(), nn.Linear(96, 8))
    loss_fn = nn.CrossEntropyLoss()
    opt = torch.optim.SGD(net.parameters(), lr=0.03, momentum=0.9, weight_decay=1e-2)
    run.watch(net, opt, loss_fn)
    for epoch in range(6):
        for xb, yb in loader:
            opt.zero_grad()
            loss = loss_fn(net(xb), yb)
            loss.backward()
            opt.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            run.log({"val_loss": loss_fn(net(xv), yv).item(), "epoch": epoch})
    return (net(xv).argmax(1) == yv).float().mean().item()


PROGRAM = Program(train, causes=("unshuffled_data", "single_label_batches"), by_definition=True)
