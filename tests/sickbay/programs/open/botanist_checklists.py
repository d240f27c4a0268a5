"""Which of ten habitats a botanist walked, from the plants ticked on a checklist; some habitats are seldom walked."""

import torch
from torch import nn

from ...program import Program

PLANTS, HABITATS = 70, 10


def checklists(n):
    seldom = torch.logspace(-1.4, -0.2, HABITATS)
    walked = (torch.rand(n, HABITATS) < seldom).float()
    grows = (torch.rand(HABITATS, PLANTS) < 0.12).float()
    grows[:, 0] = 1.0
    missed = walked @ (1 - 0.6 * grows).log()
    chance = 1 - 0.97 * missed.exp()
    ticked = (torch.rand(n, PLANTS) < chance).float()
    return ticked, walked


class Habitats(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(PLANTS, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 48), nn.ReLU())
        self.heads = nn.Linear(48, HABITATS)

    def forward(self, ticked):
        return self.heads(self.body(ticked))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    ticked, walked = checklists(7000)
    model = Habitats()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.BCEWithLogitsLoss()
    run.watch(model, optimizer, criterion)
    model.train()
    seen = 0.0
    for step in range(800):
        rows = torch.randint(0, 6000, (20,))
        loss = criterion(model(ticked[rows]), walked[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen += loss.item()
        if step % 10 == 9:
            run.log({"loss": seen / 10}, step=step)
            seen = 0.0
    model.eval()
    with torch.no_grad():
        yes = model(ticked[6000:]) > 0
    true = walked[6000:] > 0
    hit = (yes & true).sum(0) / true.sum(0)
    quiet = (~yes & ~true).sum(0) / (~true).sum(0)
    return ((hit + quiet) / 2).mean().item()


PROGRAM = Program(train)
