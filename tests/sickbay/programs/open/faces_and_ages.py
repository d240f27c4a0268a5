"""Two heads: the kind of a face and its age in days. Both losses are added."""

import torch
from torch import nn

from ...program import Program


def faces(n, g):
    base = torch.randn(5, 32, generator=torch.Generator().manual_seed(1))
    kind = torch.randint(0, 5, (n,), generator=g)
    age = torch.rand(n, generator=g) * 20000 + 5000
    x = base[kind] + torch.randn(n, 32, generator=g)
    x[:, :8] = x[:, :8] + (age[:, None] - 15000) / 5000
    return x, kind, age


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU())
        self.kind = nn.Linear(64, 5)
        self.age = nn.Linear(64, 1)

    def forward(self, x):
        h = self.trunk(x)
        return self.kind(h), self.age(h).squeeze(1)


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(2)
    x, kind, age = faces(2000, g)
    x_val, kind_val, _ = faces(500, g)
    if not sick:
        age = (age - 15000) / 6000
    model = TwoHeads()
    ce, mse = nn.CrossEntropyLoss(), nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer)
    for epoch in range(10):
        for i in torch.randperm(2000).split(64):
            logits, years = model(x[i])
            loss_kind, loss_age = ce(logits, kind[i]), mse(years, age[i])
            loss = loss_kind + loss_age
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "loss/kind": loss_kind.item(), "loss/age": loss_age.item()})
    with torch.no_grad():
        return (model(x_val)[0].argmax(1) == kind_val).float().mean().item()


PROGRAM = Program(train, causes=("loss_scale", "target_not_scaled"))
