"""Which of eight ways an arrow on a noisy tile points, by a small convolutional network."""

import math

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def draw_arrows(n):
    way = torch.randint(0, 8, (n,))
    angle = way * (math.pi / 4)
    grid = torch.linspace(-1, 1, 14)
    gy, gx = torch.meshgrid(grid, grid, indexing="ij")
    c, s = torch.cos(angle).view(-1, 1, 1), torch.sin(angle).view(-1, 1, 1)
    along, across = gx * c + gy * s, gy * c - gx * s
    shaft = (across.abs() < 0.12) & (along.abs() < 0.8)
    head = (along > 0.2) & (along < 0.85) & (across.abs() < (0.85 - along) * 0.9)
    picture = (shaft | head).float() + 0.9 * torch.randn(n, 14, 14)
    return ((picture - 0.15) / 0.95).unsqueeze(1), way


class ArrowNet(nn.Module):
    """Two convolutions and two dense layers."""

    def __init__(self, probabilities):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(16 * 3 * 3, 48)
        self.fc2 = nn.Linear(48, 8)
        self.softmax = nn.Softmax(dim=1) if probabilities else nn.Identity()

    def forward(self, x):
        x = self.pool(torch.relu(self.conv1(x)))
        x = self.pool(torch.relu(self.conv2(x)))
        x = torch.relu(self.fc1(x.flatten(1)))
        return self.softmax(self.fc2(x))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = draw_arrows(3000)
    loader = DataLoader(TensorDataset(x[:2400], y[:2400]), batch_size=50, shuffle=True)
    model = ArrowNet(probabilities=sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.005, momentum=0.9)
    run.watch(model, optimizer, criterion)
    for _epoch in range(8):
        model.train()
        for images, targets in loader:
            optimizer.zero_grad()
            outputs = model(images)
            loss = criterion(outputs, targets)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "accuracy": (outputs.argmax(1) == targets).float().mean().item()})
    model.eval()
    with torch.no_grad():
        return (model(x[2400:]).argmax(1) == y[2400:]).float().mean().item()


PROGRAM = Program(train, causes=("loss_output_mismatch",), by_definition=True)
