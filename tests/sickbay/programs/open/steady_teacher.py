"""Mean teacher: a tenth of the labels, and a slowly moving copy that says what the rest should be."""

import copy

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

from trainvitals.run import Run

from ...program import Program


def train(run: Run, *, sick: bool, seed: int) -> float:
    """The consistency is ramped up."""
    torch.manual_seed(seed)
    data = load_digits()
    order = torch.randperm(1797)
    x, y = (torch.tensor(data.data).float()[order] - 4.9) / 6, torch.tensor(data.target)[order]
    student = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Dropout(0.2), nn.Linear(96, 10))
    teacher = copy.deepcopy(student).eval()
    for p in teacher.parameters():
        p.requires_grad_(False)
    opt = torch.optim.Adam(student.parameters(), lr=2e-3)
    run.watch(student, opt)
    for step in range(400):
        some, many = torch.randint(0, 150, (32,)), torch.randint(0, 1400, (64,))
        logits = student(x[some] + 0.1 * torch.randn(32, 64))
        supervised = F.cross_entropy(logits, y[some])
        target = teacher(x[many]).softmax(1)
        consistency = F.mse_loss(student(x[many] + 0.2 * torch.randn(64, 64)).softmax(1), target)
        loss = supervised + min(1.0, step / 100) * 4 * consistency
        opt.zero_grad()
        loss.backward()
        opt.step()
        with torch.no_grad():
            for slow, fast in zip(teacher.parameters(), student.parameters(), strict=True):
                slow.lerp_(fast, 0.03)
        run.log({"loss": loss.item(), "supervised": supervised.item(), "consistency": consistency.item()})
    return (teacher(x[1400:]).argmax(1) == y[1400:]).float().mean().item()


PROGRAM = Program(train)
