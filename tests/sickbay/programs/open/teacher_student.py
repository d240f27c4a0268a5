"""Knowledge distillation: a frozen teacher in eval mode, temperature 3, a small student."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

from ...program import Program


def net(width):
    return nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Dropout(0.1), nn.Linear(width, 10))


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    d = load_digits()
    x, y = torch.tensor(d.data).float() / 16, torch.tensor(d.target)
    teacher, student = net(256), net(20)
    o = torch.optim.Adam(teacher.parameters(), lr=3e-3)
    for _ in range(200):
        i = torch.randint(0, 1500, (64,))
        o.zero_grad()
        F.cross_entropy(teacher(x[i]), y[i]).backward()
        o.step()
    teacher.eval()
    T, alpha = 3.0, 0.7
    kd, ce = nn.KLDivLoss(reduction="batchmean"), nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(student.parameters(), lr=4e-3)
    run.watch(student, optimizer, kd)
    for epoch in range(12):
        student.train()
        for i in torch.randperm(1500).split(50):
            with torch.no_grad():
                soft = F.softmax(teacher(x[i]) / T, 1)
            logits = student(x[i])
            loss = alpha * T * T * kd(F.log_softmax(logits / T, 1), soft) + (1 - alpha) * ce(logits, y[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    student.eval()
    with torch.no_grad():
        return (student(x[1500:]).argmax(1) == y[1500:]).float().mean().item()


PROGRAM = Program(train)
