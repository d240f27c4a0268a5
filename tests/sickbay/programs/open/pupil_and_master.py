"""Distillation: a small network learns from the soft answers of a large one."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

from ...program import Program


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    d = load_digits()
    order = torch.randperm(1797, generator=g)
    x, y = ((torch.tensor(d.data).float() - 4.9) / 6)[order], torch.tensor(d.target)[order]
    master = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 10))
    opt = torch.optim.Adam(master.parameters(), lr=2e-3)
    for _ in range(150):
        i = torch.randint(1400, (128,), generator=g)
        opt.zero_grad()
        F.cross_entropy(master(x[i]), y[i]).backward()
        opt.step()
    master.eval()

    pupil = nn.Sequential(nn.Linear(64, 20), nn.ReLU(), nn.Linear(20, 10))
    kd = nn.KLDivLoss(reduction="batchmean")
    optimizer = torch.optim.Adam(pupil.parameters(), lr=5e-3)
    run.watch(pupil, optimizer, kd)
    T = 3.0
    for step in range(350):
        i = torch.randint(1400, (128,), generator=g)
        with torch.no_grad():
            soft = F.softmax(master(x[i]) / T, dim=1)
        loss = kd(F.log_softmax(pupil(x[i]) / T, dim=1), soft) * T * T
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    return (pupil(x[1400:]).argmax(1) == y[1400:]).float().mean().item()


PROGRAM = Program(train)
