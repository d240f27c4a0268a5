"""Species by volunteers, a third of whose labels are guesses: the loss can fall only so far."""

import torch
from torch import nn

from ...program import Program


def sightings(n, g, noise):
    kind = torch.randint(0, 5, (n,), generator=g)
    centre = torch.randn(5, 18, generator=torch.Generator().manual_seed(31))
    x = 0.9 * centre[kind] + torch.randn(n, 18, generator=g)
    guess = torch.rand(n, generator=g) < noise
    return x, torch.where(guess, torch.randint(0, 5, (n,), generator=g), kind)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = sightings(12000, g, 0.35)
    x_val, y_val = sightings(800, g, 0.35)
    x_test, y_test = sightings(800, g, 0.0)
    model = nn.Sequential(nn.Linear(18, 48), nn.ReLU(), nn.Linear(48, 5))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for step, i in enumerate(torch.randperm(12000, generator=g).split(32)):
        loss = criterion(model(x[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
        if step % 25 == 24:
            with torch.no_grad():
                run.log({"val_loss": criterion(model(x_val), y_val).item()})
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train)
