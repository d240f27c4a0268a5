"""Twelve weaves of carpet by their texture patches; a batch-normalised CNN."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


class WeaveNet(nn.Module):
    def __init__(self, n_classes, probs):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(), nn.AdaptiveAvgPool2d(2),
        )  # fmt: skip
        self.fc = nn.Linear(96, n_classes)
        self.probs = probs

    def forward(self, x):
        x = self.fc(self.features(x).view(x.size(0), -1))
        if self.probs:
            return F.softmax(x, dim=1)
        return x


def patches(n, g, classes=12):
    label = torch.randint(0, classes, (n,), generator=g)
    angle = label.float() * torch.pi / classes + 0.06 * torch.randn(n, generator=g)
    phase = 6.28 * torch.rand(n, generator=g)
    t = torch.linspace(-1, 1, 14)
    u = t.view(1, 1, -1) * angle.cos().view(-1, 1, 1) + t.view(1, -1, 1) * angle.sin().view(-1, 1, 1)
    img = torch.sin(9 * u + phase.view(-1, 1, 1)) + 0.5 * torch.randn(n, 14, 14, generator=g)
    return img.unsqueeze(1), label


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    X, y = patches(2000, g)
    X_test, y_test = patches(500, g)
    model = WeaveNet(12, probs=sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.9)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        model.train()
        for idx in torch.randperm(len(X)).split(40):
            optimizer.zero_grad()
            loss = criterion(model(X[idx]), y[idx])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            acc = (model(X_test).argmax(1) == y_test).float().mean().item()
        run.log({"val/acc": acc})
    return acc


PROGRAM = Program(train, causes=("loss_output_mismatch",), by_definition=True)
