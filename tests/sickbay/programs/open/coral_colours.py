"""Compress spectra of corals to three numbers and back; encoder and decoder are two modules of one autoencoder."""

import torch
import torch.nn as nn

from ...program import Program


class CoralAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(40, 64), nn.ReLU(), nn.Linear(64, 3))
        self.decoder = nn.Sequential(nn.Linear(3, 64), nn.ReLU(), nn.Linear(64, 40))

    def forward(self, x):
        return self.decoder(self.encoder(x))


def spectra(n, g):
    place = torch.linspace(0, 1, 40)
    z = torch.rand(n, 3, generator=g)
    bumps = torch.exp(-((place[None] - z[:, :1]) ** 2) / 0.02) + torch.exp(-((place[None] - z[:, 1:2]) ** 2) / 0.05)
    return bumps * (0.5 + z[:, 2:]) - 0.6 + 0.03 * torch.randn(n, 40, generator=g)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 7)
    x, xv = spectra(3000, g), spectra(500, g)
    model = CoralAE()
    optimizer = torch.optim.Adam((model.decoder if sick else model).parameters(), lr=2e-3)
    criterion = nn.MSELoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(10):
        total = 0.0
        for batch in torch.randperm(3000).split(64):
            loss = criterion(model(x[batch]), x[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
            run.log({"reconstruction": loss.item()})
        with torch.no_grad():
            run.log({"val_reconstruction": criterion(model(xv), xv).item()})
    with torch.no_grad():
        return 1 - criterion(model(xv), xv).item() / xv.var(0).mean().item()


PROGRAM = Program(train, causes=("not_in_optimizer",), by_definition=True)
