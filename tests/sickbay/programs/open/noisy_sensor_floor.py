"""Nine tenths of the target is noise: the loss falls a little and stays, which is all there is to learn."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program


def readings(n, g):
    x = torch.randn(n, 5, generator=g)
    clean = 0.6 * x[:, 0] - 0.4 * x[:, 1]
    return x, clean, clean + 1.6 * torch.randn(n, generator=g)


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(20)
    x, _, y = readings(6000, g)
    x_val, clean, y_val = readings(1000, g)
    model = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer)
    for step in range(350):
        i = torch.randint(0, 6000, (64,))
        loss = F.mse_loss(model(x[i]).squeeze(1), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
        if step % 35 == 0:
            with torch.no_grad():
                run.log({"val_loss": F.mse_loss(model(x_val).squeeze(1), y_val).item()})
    with torch.no_grad():
        return 1 - F.mse_loss(model(x_val).squeeze(1), clean).item() / clean.var().item()


PROGRAM = Program(train)
