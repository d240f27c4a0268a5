"""Discs, squares, crosses, rings and triangles on noisy canvases, with batch norm and dropout, tested every epoch."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def paint(n):
    kind = torch.randint(0, 5, (n,))
    grid = torch.arange(16).float()
    gy, gx = torch.meshgrid(grid, grid, indexing="ij")
    cx, cy = torch.rand(2, n, 1, 1) * 5 + 5.5
    r = torch.rand(n, 1, 1) * 2 + 3
    dx, dy = gx - cx, gy - cy
    far = (dx**2 + dy**2).sqrt()
    inside = dx.abs().maximum(dy.abs()) < r
    shapes = torch.stack(
        [
            far < r,
            inside,
            inside & (dx.abs().minimum(dy.abs()) < 1),
            (far < r) & (far > r - 1.5),
            inside & (dx.abs() < (dy + r) / 2),
        ]
    ).float()
    picture = shapes[kind, torch.arange(n)] + 0.25 * torch.randn(n, 16, 16)
    return ((picture - picture.mean()) / picture.std()).unsqueeze(1), kind


class ShapeNet(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.block1 = nn.Sequential(nn.Conv2d(1, 12, 3, padding=1), nn.BatchNorm2d(12), nn.ReLU(), nn.MaxPool2d(2))
        self.block2 = nn.Sequential(nn.Conv2d(12, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(), nn.MaxPool2d(2))
        self.fc1 = nn.Linear(24 * 16, 64)
        self.fc2 = nn.Linear(64, 5)
        self.drop = nn.Dropout(p)

    def forward(self, x):
        x = self.block2(self.block1(x)).flatten(1)
        x = torch.relu(self.fc1(self.drop(x)))
        return self.fc2(self.drop(x))


def test(model, loader, criterion, *, sick):
    if not sick:
        model.eval()
    right, total, losses = 0, 0, 0.0
    with torch.no_grad():
        for x, y in loader:
            out = model(x)
            losses += criterion(out, y).item() * len(y)
            right += (out.argmax(1) == y).sum().item()
            total += len(y)
    return losses / total, right / total


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = paint(3700)
    train_loader = DataLoader(TensorDataset(x[:3200], y[:3200]), batch_size=64, shuffle=True)
    test_loader = DataLoader(TensorDataset(x[3200:], y[3200:]), batch_size=10)
    model = ShapeNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for _epoch in range(8):
        model.train()
        for images, kinds in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(images), kinds)
            loss.backward()
            optimizer.step()
            run.log({"train_loss": loss.item()})
        test_loss, test_accuracy = test(model, test_loader, criterion, sick=sick)
        run.log({"test_loss": test_loss, "test_accuracy": test_accuracy})
    return test_accuracy


PROGRAM = Program(train, causes=("train_eval_mode",), by_definition=True)
