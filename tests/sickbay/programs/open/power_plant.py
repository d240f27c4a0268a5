"""Electrical output of a power plant from the weather, in megawatts."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 1))

    def forward(self, x):
        return self.layers(x)


def train(run, *, sick, seed):
    gen = torch.Generator().manual_seed(seed)
    x = torch.randn(2400, 4, generator=gen)
    mw = 454 - 14.5 * x[:, :1] - 3 * x[:, 1:2] + 2 * x[:, 2:3] * x[:, 3:] + 3.5 * torch.randn(2400, 1, generator=gen)
    if not sick:
        mw = (mw - 454) / 17
    train_set, (tx, ty) = TensorDataset(x[:2000], mw[:2000]), (x[2000:], mw[2000:])
    mlp = MLP()
    loss_function = nn.MSELoss()
    optimizer = torch.optim.Adam(mlp.parameters(), lr=1e-3)
    run.watch(mlp, optimizer)
    for epoch in range(8):
        for inputs, targets in DataLoader(train_set, batch_size=50, shuffle=True):
            optimizer.zero_grad()
            loss = loss_function(mlp(inputs), targets)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss})
    with torch.no_grad():
        return 1 - (loss_function(mlp(tx), ty) / ty.var()).item()


PROGRAM = Program(train, causes=("target_not_scaled",))
