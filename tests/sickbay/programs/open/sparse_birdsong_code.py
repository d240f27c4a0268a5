"""A sparse autoencoder: a penalty on the code keeps most of its rectified units silent on each example."""

import torch
from torch import nn

from ...program import Program


class SparseAutoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(32, 96)
        self.decoder = nn.Linear(96, 32)

    def forward(self, x):
        code = torch.relu(self.encoder(x))
        return self.decoder(code), code


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    atoms = torch.nn.functional.normalize(torch.randn(40, 32), dim=1)
    active = (torch.rand(5000, 40) < 0.08).float() * (0.5 + torch.rand(5000, 40))
    x = active @ atoms * 3 + 0.05 * torch.randn(5000, 32)
    model = SparseAutoencoder()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer)
    for epoch in range(8):
        for rows in torch.randperm(4500).split(64):
            out, code = model(x[rows])
            mse = (out - x[rows]).pow(2).mean()
            sparsity = code.abs().mean()
            loss = mse + 0.05 * sparsity
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "loss/mse": mse.item(), "loss/sparsity": sparsity.item()})
    with torch.no_grad():
        out, _ = model(x[4500:])
        return 1 - ((out - x[4500:]).pow(2).mean() / x[4500:].var()).item()


PROGRAM = Program(train)
