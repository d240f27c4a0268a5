"""The sugar of a jam from twenty spectral bands and a rough refractometer; a small regression network."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def jars(n, weight, g, noise):
    bands = torch.randn(n, 20, generator=g)
    sugar = torch.tanh(bands @ weight)
    return bands, sugar + noise * torch.randn(n, 1, generator=g)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    weight = torch.randn(20, 1, generator=g) / 20**0.5
    bands, sugar = jars(24000, weight, g, noise=0.6)
    bands_test, sugar_test = jars(1000, weight, g, noise=0.0)
    batch_size = 1 if sick else 64
    loader = DataLoader(TensorDataset(bands, sugar), batch_size=batch_size, shuffle=True)
    model = nn.Sequential(nn.Linear(20, 32), nn.Tanh(), nn.Linear(32, 1))
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer, criterion)
    step, max_steps = 0, 700
    while step < max_steps:
        for x, y in loader:
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
            step += 1
            if step == max_steps:
                break
    with torch.no_grad():
        rest = (model(bands_test) - sugar_test).pow(2).mean()
    return max(0.0, (1 - rest / sugar_test.var()).item())


PROGRAM = Program(train, causes=("noisy_gradient",))
