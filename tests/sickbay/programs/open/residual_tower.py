"""Twenty residual blocks without norm; the branches are drawn with the wrong variance."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

from ...program import Program


class Block(nn.Module):
    def __init__(self, width, std):
        super().__init__()
        self.a, self.b = nn.Linear(width, width), nn.Linear(width, width)
        nn.init.normal_(self.a.weight, std=std)
        nn.init.normal_(self.b.weight, std=std)

    def forward(self, x):
        return x + self.b(torch.relu(self.a(x)))


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    d = load_digits()
    x, y = torch.tensor(d.data).float() / 8 - 1, torch.tensor(d.target)
    std = 0.3 if sick else 0.02
    model = nn.Sequential(nn.Linear(64, 32), *(Block(32, std) for _ in range(12)), nn.Linear(32, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    run.watch(model, optimizer)
    for step in range(300):
        i = torch.randint(0, 1400, (48,))
        loss = F.cross_entropy(model(x[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(x[1400:]).argmax(1) == y[1400:]).float().mean().item()


PROGRAM = Program(train, causes=("exploding_activation", "bad_initialisation", "exploding_gradient"))
