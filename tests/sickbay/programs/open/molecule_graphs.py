"""Message passing on small generated graphs, read out by a sum; five labels at once, some of them unknown."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


def molecules(n, g, atoms=10):
    kind = torch.randint(0, 5, (n, atoms), generator=g)
    bond = (torch.rand(n, atoms, atoms, generator=g) < 0.2).float().triu(1)
    bond = bond + bond.transpose(1, 2)
    counts = F.one_hot(kind, 5).float()
    near = bond @ counts
    labels = torch.stack([(counts[:, :, k] * near[:, :, (k + 1) % 5]).sum(1) > 0.7 for k in range(5)], 1).float()
    known = torch.rand(n, 5, generator=g) < 0.8
    return kind, bond, labels, known


class MPNN(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.atom = nn.Embedding(5, d)
        self.message = nn.ModuleList(nn.Linear(d, d) for _ in range(2))
        self.update = nn.GRUCell(d, d)
        self.readout = nn.Sequential(nn.Linear(d, d), nn.ReLU(), nn.Linear(d, 5))

    def forward(self, kind, bond):
        h = self.atom(kind)
        n, a, d = h.shape
        for layer in self.message:
            m = bond @ torch.relu(layer(h))
            h = self.update(m.view(-1, d), h.view(-1, d)).view(n, a, d)
        return self.readout(h.sum(1) / 3)


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(15)
    kind, bond, labels, known = molecules(2000, g)
    model = MPNN()
    criterion = nn.BCEWithLogitsLoss(reduction="none")
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    run.watch(model, optimizer)
    for step in range(320):
        i = torch.randint(0, 1600, (48,))
        each = criterion(model(kind[i], bond[i]), labels[i])
        loss = (each * known[i]).sum() / known[i].sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        return ((model(kind[1600:], bond[1600:]) > 0).float() == labels[1600:]).float().mean().item()


PROGRAM = Program(train)
