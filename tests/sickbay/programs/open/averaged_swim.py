"""Swim times by a regression whose weights are averaged over the second half of training."""

import torch
from sklearn.datasets import make_friedman1
from torch import nn
from torch.optim.swa_utils import SWALR, AveragedModel

from trainvitals.run import Run

from ...program import Program


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Huber, because some clocks were stopped late."""
    torch.manual_seed(seed)
    x, y = make_friedman1(2000, 10, noise=1.0, random_state=seed)
    x = torch.tensor((x - 0.5) * 3.46).float()
    y = torch.tensor((y - y.mean()) / y.std()).float()[:, None]
    late = torch.rand(1600, 1) < 0.02
    y_train = torch.where(late, y[:1600] + 4, y[:1600])
    model = nn.Sequential(nn.Linear(10, 48), nn.SiLU(), nn.Linear(48, 48), nn.SiLU(), nn.Linear(48, 1))
    huber = nn.HuberLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    averaged, slow = AveragedModel(model), SWALR(optimizer, swa_lr=0.02, anneal_epochs=2)
    run.watch(model, optimizer, huber)
    for epoch in range(16):
        for rows in torch.randperm(1600).split(64):
            loss = huber(model(x[rows]), y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"huber": loss.item()})
        if epoch >= 8:
            averaged.update_parameters(model)
            slow.step()
    with torch.no_grad():
        return 1 - ((averaged(x[1600:]) - y[1600:]).square().mean() / y[1600:].var()).item()


PROGRAM = Program(train)
