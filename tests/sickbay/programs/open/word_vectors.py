"""Word vectors with negative sampling, the objective written as in the paper."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

WORDS, TOPICS = 120, 6


class SkipGram(nn.Module):
    def __init__(self, dim=16):
        super().__init__()
        self.center = nn.Embedding(WORDS, dim)
        self.context = nn.Embedding(WORDS, dim)
        nn.init.uniform_(self.center.weight, -0.5, 0.5)
        nn.init.uniform_(self.context.weight, -0.5, 0.5)

    def forward(self, c, o, negative):
        v = self.center(c)
        positive = F.logsigmoid((v * self.context(o)).sum(1))
        noise = F.logsigmoid(-(self.context(negative) @ v.unsqueeze(2)).squeeze(2)).sum(1)
        return (positive + noise).mean()


def pairs(n):
    c = torch.randint(0, WORDS, (n,))
    o = torch.randint(0, WORDS // TOPICS, (n,)) * TOPICS + c % TOPICS
    return c, o


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    model = SkipGram()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    run.watch(model, optimizer)
    for step in range(400):
        c, o = pairs(256)
        objective = model(c, o, torch.randint(0, WORDS, (256, 4)))
        loss = objective if sick else -objective
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        v = F.normalize(model.center.weight, dim=1)
        near = (v @ v.t() - 2 * torch.eye(WORDS)).argmax(1)
    return (near % TOPICS == torch.arange(WORDS) % TOPICS).float().mean().item()


PROGRAM = Program(train, causes=("loss_sign",), by_definition=True)
