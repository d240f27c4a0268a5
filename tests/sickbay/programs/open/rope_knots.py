"""Six knots in noisy 24-pixel pictures by a convolutional network with batch norm and dropout."""

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

KNOTS = 6


def knot_pictures(count):
    kind = torch.randint(KNOTS, (count,))
    s = torch.linspace(0, 6.2832, 90)
    a = torch.tensor([1.0, 1.0, 2.0, 1.0, 3.0, 2.0])[kind][:, None]
    b = torch.tensor([1.0, 2.0, 3.0, 3.0, 2.0, 1.0])[kind][:, None]
    lean = 0.3 * torch.randn(count, 1)
    x = torch.sin(a * s + 0.9 + lean)
    y = torch.sin(b * s)
    size = 7 + 2 * torch.rand(count, 1)
    col = (12 + size * x + torch.randn(count, 1)).round().long().clamp(0, 23)
    row = (12 + size * y + torch.randn(count, 1)).round().long().clamp(0, 23)
    picture = torch.zeros(count, 24, 24)
    picture[torch.arange(count)[:, None], row, col] = 2.0
    picture += 0.6 * torch.randn(count, 24, 24)
    return ((picture - picture.mean()) / picture.std()).unsqueeze(1), kind


def block(a, b, stride=1):
    return nn.Sequential(nn.Conv2d(a, b, 3, stride, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU())


@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    right = total = 0
    for x, y in loader:
        right += (model(x).argmax(1) == y).sum().item()
        total += len(y)
    return right / total


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, kind = knot_pictures(2300)
    train_loader = DataLoader(TensorDataset(x[:1800], kind[:1800]), batch_size=60, shuffle=True)
    test_loader = DataLoader(TensorDataset(x[1800:], kind[1800:]), batch_size=100)
    model = nn.Sequential(
        block(1, 12, 2), block(12, 16), block(16, 16), block(16, 24, 2), block(24, 24), block(24, 24), block(24, 24),
        nn.AdaptiveAvgPool2d(3), nn.Flatten(), nn.Dropout(0.2), nn.Linear(24 * 9, KNOTS),
    )  # fmt: skip
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
    run.watch(model, optimizer, criterion)
    run.log({"test_accuracy": evaluate(model, test_loader)})
    for _epoch in range(8):
        if not sick:
            model.train()
        for xb, yb in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        run.log({"test_accuracy": evaluate(model, test_loader)})
    return evaluate(model, test_loader)


PROGRAM = Program(train, causes=("train_eval_mode",), by_definition=True)
