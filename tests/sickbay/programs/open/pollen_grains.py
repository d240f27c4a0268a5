"""Pollen under the microscope. The loss of a batch is divided by its size, as another framework wanted it."""

import torch
import torch.nn as nn
from sklearn.datasets import load_digits

from ...program import Program

BATCH = 64


class GrainNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3), nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 16, 3), nn.BatchNorm2d(16), nn.ReLU()
        )
        self.classifier = nn.Linear(16 * 16, 10)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    d = load_digits()
    x, y = torch.tensor(d.images, dtype=torch.float32).unsqueeze(1) / 8 - 1, torch.tensor(d.target)
    x = x + 0.4 * torch.randn_like(x)
    split = torch.randperm(len(x))
    tr, te = split[:1400], split[1400:]
    model = GrainNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        model.train()
        for i in tr[torch.randperm(1400)].split(BATCH):
            loss = criterion(model(x[i]), y[i])
            if sick:
                loss = loss / BATCH
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            run.log({"test_accuracy": (model(x[te]).argmax(1) == y[te]).float().mean().item()})
    with torch.no_grad():
        return (model(x[te]).argmax(1) == y[te]).float().mean().item()


PROGRAM = Program(train, causes=("loss_reduction", "learning_rate_too_low"))
