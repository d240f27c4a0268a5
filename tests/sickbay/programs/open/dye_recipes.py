"""Which of six colours a dye recipe gives, by an MLP of three layers."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from ...program import Program


class DyeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(10, 64)
        self.l2 = nn.Linear(64, 64)
        self.l3 = nn.Linear(64, 6)

    def forward(self, x):
        return self.l3(F.relu(self.l2(F.relu(self.l1(x)))))


def zero_weights(m):
    if isinstance(m, nn.Linear):
        nn.init.zeros_(m.weight)
        nn.init.zeros_(m.bias)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    recipe = rng.dirichlet(np.ones(10) * 0.7, 3000)
    mixing = np.random.default_rng(8).normal(size=(10, 6))
    scores = recipe @ mixing + 0.03 * rng.normal(size=(3000, 6))
    colour = ((scores - scores.mean(0)) / scores.std(0)).argmax(1)
    recipe = (recipe - recipe.mean(0)) / recipe.std(0)
    x, y = torch.tensor(recipe).float(), torch.tensor(colour)

    model = DyeNet()
    if sick:
        model.apply(zero_weights)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(15):
        for idx in torch.randperm(2400).split(60):
            loss = criterion(model(x[idx]), y[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(x[2400:]).argmax(1) == y[2400:]).float().mean().item()


PROGRAM = Program(train, causes=("bad_initialisation",), by_definition=True)
