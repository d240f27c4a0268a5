"""A student predicts what a slow copy of itself sees in another view (BYOL); the copy never gets a gradient."""

import copy

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


def views(n, g):
    base = torch.randn(6, 24, generator=torch.Generator().manual_seed(97))
    y = torch.randint(0, 6, (n,), generator=g)
    clean = base[y] + 0.5 * torch.randn(n, 24, generator=g)
    return [clean + 0.4 * torch.randn(n, 24, generator=g) for _ in range(2)], y


class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(24, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 24), nn.BatchNorm1d(24)
        )
        self.predictor = nn.Sequential(nn.Linear(24, 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Linear(48, 24))

    def forward(self, x):
        return self.predictor(self.encoder(x))


def neighbours(encoder, g):
    encoder.eval()
    with torch.no_grad():
        (a, _), y = views(600, g)
        (b, _), yv = views(300, g)
        near = (F.normalize(encoder(b), dim=1) @ F.normalize(encoder(a), dim=1).T).argmax(1)
    encoder.train()
    return (y[near] == yv).float().mean().item()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    student = Student()
    teacher = copy.deepcopy(student.encoder).requires_grad_(False)
    optimizer = torch.optim.SGD(student.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
    run.watch(student, optimizer)
    for step in range(300):
        (a, b), _ = views(96, g)
        with torch.no_grad():
            ta, tb = teacher(a), teacher(b)
        loss = 2 - F.cosine_similarity(student(a), tb).mean() - F.cosine_similarity(student(b), ta).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            for slow, fast in zip(teacher.parameters(), student.encoder.parameters()):
                slow.lerp_(fast, 0.02)
        run.log({"loss": loss.item()})
    return neighbours(student.encoder, g)


PROGRAM = Program(train)
