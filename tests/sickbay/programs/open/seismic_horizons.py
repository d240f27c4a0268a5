"""Rock type from a seismic trace by a tower of twelve sigmoid layers, as in the thesis of 1992; the twin uses ReLU."""

import torch
from torch import nn

from trainvitals.run import Run

from ...program import Program


def tower(depth: int, act: type[nn.Module]) -> nn.Sequential:
    """Equal layers, one after the other."""
    parts: list[nn.Module] = [nn.Linear(20, 40), act()]
    for _ in range(depth - 2):
        parts += [nn.Linear(40, 40), act()]
    net = nn.Sequential(*parts, nn.Linear(40, 4))
    if act is nn.ReLU:
        for m in net:
            if isinstance(m, nn.Linear):
                nn.init.kaiming_normal_(m.weight, nonlinearity="relu")
                nn.init.zeros_(m.bias)
        nn.init.xavier_normal_(net[-1].weight)
    return net


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Four rocks."""
    torch.manual_seed(seed)
    centres = torch.randn(4, 20) * 1.1
    y = torch.randint(0, 4, (3000,))
    x = centres[y] + torch.randn(3000, 20)
    model = tower(12, nn.Sigmoid) if sick else tower(5, nn.ReLU)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.9)
    run.watch(model, optimizer, criterion)
    for _epoch in range(8):
        for rows in torch.randperm(2500).split(50):
            loss = criterion(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss})
    return (model(x[2500:]).argmax(1) == y[2500:]).float().mean().item()


PROGRAM = Program(train, causes=("vanishing_gradient",))
