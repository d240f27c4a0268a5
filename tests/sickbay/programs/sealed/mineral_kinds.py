"""Kinds of minerals by spectrum. Weights started small by a function of our own."""

import torch
from torch import nn

from ...program import Program


def weights_init(m, sick):
    if isinstance(m, nn.Linear):
        if sick:
            nn.init.constant_(m.weight, 0.02)
        else:
            nn.init.xavier_uniform_(m.weight)
        nn.init.zeros_(m.bias)


def spectra(n, g):
    kind = torch.randint(0, 6, (n,), generator=g)
    lines = torch.randn(6, 32, generator=torch.Generator().manual_seed(4))
    return 0.8 * lines[kind] * (0.5 + torch.rand(n, 1, generator=g)) + 0.7 * torch.randn(n, 32, generator=g), kind


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = spectra(2800, g)
    model = nn.Sequential(
        nn.Linear(32, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 6)
    )
    model.apply(lambda m: weights_init(m, sick))
    optimizer = torch.optim.Adagrad(model.parameters(), lr=0.02)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.05)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        for rows in torch.randperm(2400, generator=g).split(48):
            loss = criterion(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "epoch": epoch})
    with torch.no_grad():
        return (model(x[2400:]).argmax(1) == y[2400:]).float().mean().item()


PROGRAM = Program(train, causes=("bad_initialisation",))
