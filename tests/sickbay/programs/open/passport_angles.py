"""A cosine classifier on stamps: conv layers without decay before batch norm, features scaled to the sphere."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class CosineNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(32)
        self.fc = nn.Linear(512, 32)
        self.bn3 = nn.BatchNorm1d(32)
        self.directions = nn.Parameter(torch.randn(10, 32))
        self.scale = 12.0

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2).flatten(1)
        x = self.bn3(self.fc(x))
        return self.scale * F.linear(F.normalize(x), F.normalize(self.directions))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    d = load_digits()
    order = torch.randperm(len(d.target))
    x = ((torch.tensor(d.images).float() - 4.9) / 6)[:, None][order]
    y = torch.tensor(d.target)[order]
    loader = DataLoader(TensorDataset(x[:1400], y[:1400]), batch_size=40, shuffle=True, drop_last=True)
    model = CosineNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    run.watch(model, optimizer, criterion)
    for epoch in range(9):
        model.train()
        for images, labels in loader:
            optimizer.zero_grad(set_to_none=True)
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            run.log({"val/acc": (model(x[1400:]).argmax(1) == y[1400:]).float().mean().item()})
    with torch.no_grad():
        return (model(x[1400:]).argmax(1) == y[1400:]).float().mean().item()


PROGRAM = Program(train)
