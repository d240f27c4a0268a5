"""Price classes of houses by SGD; gradients are clipped by value, with the number of an Adam recipe."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(32)
    x = torch.randn(2000, 10, generator=g)
    score = x[:, 0] * x[:, 1] + x[:, 2] + 0.5 * x[:, 3].abs()
    y = torch.bucketize(score, torch.tensor([-0.6, 0.4, 1.4]))
    model = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 4))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    run.watch(model, optimizer)
    for epoch in range(10):
        for i in torch.randperm(1600).split(40):
            loss = F.cross_entropy(model(x[i]), y[i])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_value_(model.parameters(), 1e-5 if sick else 0.5)
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(x[1600:]).argmax(1) == y[1600:]).float().mean().item()


PROGRAM = Program(train, causes=("clipping_always_on",))
