"""An image-to-image network; the loss is added up over pixels and pictures."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

from ...program import Program


class Deblur(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(1, 24, 3, padding=1)
        self.b = nn.Conv2d(24, 24, 3, padding=1)
        self.c = nn.Conv2d(24, 1, 3, padding=1)

    def forward(self, x):
        return self.c(F.relu(self.b(F.relu(self.a(x)))))


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    sharp = torch.tensor(load_digits().images).float()[:, None] / 8 - 0.6
    blurred = F.avg_pool2d(sharp, 3, 1, 1)
    model = Deblur()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    run.watch(model, optimizer)
    for step in range(250):
        i = torch.randint(0, 1500, (32,))
        out = model(blurred[i])
        loss = F.l1_loss(out, sharp[i], reduction="sum") if sick else F.l1_loss(out, sharp[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        return 1 - (model(blurred[1500:]) - sharp[1500:]).pow(2).mean().item() / sharp[1500:].var().item()


PROGRAM = Program(train, causes=("loss_reduction", "learning_rate_too_high"))
