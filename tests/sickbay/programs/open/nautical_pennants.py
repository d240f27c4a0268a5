"""Eight nautical pennants by their patterns, trained on long after every one of them is known."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def pennants(n):
    design = torch.rand(8, 3, 4, 4).round()
    kind = torch.randint(0, 8, (n,))
    cloth = nn.functional.interpolate(design, size=12)[kind]
    light = 0.8 + 0.4 * torch.rand(n, 1, 1, 1)
    picture = cloth * light + 0.15 * torch.randn(n, 3, 12, 12)
    return (picture - 0.5) / 0.5, kind


class PennantNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 24, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(24)
        self.fc = nn.Linear(24 * 9, 8)

    def forward(self, x):
        x = nn.functional.max_pool2d(self.bn1(self.conv1(x)).relu(), 2)
        x = nn.functional.max_pool2d(self.bn2(self.conv2(x)).relu(), 2)
        return self.fc(x.flatten(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = pennants(2000)
    train_loader = DataLoader(TensorDataset(x[:1600], y[:1600]), batch_size=32, shuffle=True)
    test_loader = DataLoader(TensorDataset(x[1600:], y[1600:]), batch_size=100)
    model = PennantNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(12):
        model.train()
        for xb, yb in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            run.log({"train/loss": loss.item()})
        model.eval()
        right = total = 0.0
        with torch.no_grad():
            for xb, yb in test_loader:
                out = model(xb)
                right += (out.argmax(1) == yb).sum().item()
                total += criterion(out, yb).item() * len(xb)
        run.log({"val/loss": total / 400, "val/accuracy": right / 400})
    return right / 400


PROGRAM = Program(train)
