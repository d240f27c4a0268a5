"""One trunk for two tasks: is a listing genuine, and what does it cost? The terms are just added."""

import torch
from torch import nn

from ...program import Program


class Listings(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(16, 128), nn.ReLU(), nn.Linear(128, 96), nn.ReLU())
        self.genuine = nn.Linear(96, 1)
        self.price = nn.Linear(96, 1)

    def forward(self, x):
        h = self.trunk(x)
        return self.genuine(h).squeeze(1), self.price(h).squeeze(1)


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(2500, 16, generator=g)
    genuine = ((x[:, 0] * x[:, 1] + x[:, 2] + 0.5 * x[:, 3]) > 0).float()
    euros = 800 + 250 * x[:, 4] + 150 * x[:, 5].abs() + 60 * torch.randn(2500, generator=g)
    if not sick:
        euros = (euros - euros[:2000].mean()) / euros[:2000].std()
    model = Listings()
    bce, mse = nn.BCEWithLogitsLoss(), nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer)
    for epoch in range(10):
        perm = torch.randperm(2000, generator=g)
        for k in range(0, 2000, 50):
            i = perm[k : k + 50]
            out, cost = model(x[i])
            loss_genuine, loss_price = bce(out, genuine[i]), mse(cost, euros[i])
            loss = loss_genuine + loss_price
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss, "loss/genuine": loss_genuine, "loss/price": loss_price})
    with torch.no_grad():
        out, _ = model(x[2000:])
        return ((out > 0).float() == genuine[2000:]).float().mean().item()


PROGRAM = Program(train, causes=("loss_scale", "target_not_scaled"))
