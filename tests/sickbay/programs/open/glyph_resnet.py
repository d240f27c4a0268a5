"""Ten invented glyphs by a small residual network whose last gains start at zero, on a cosine to nothing."""

import torch
from torch import nn
from torch.nn import functional as F

from ...program import Program


class Block(nn.Module):
    """Two convolutions with biases and batch norm; the second gain starts at zero."""

    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(channels)
        nn.init.zeros_(self.bn2.weight)

    def forward(self, x):
        h = F.relu(self.bn1(self.conv1(x)))
        return F.relu(x + self.bn2(self.conv2(h)))


class GlyphNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 16, 3, stride=2, padding=1)
        self.bn = nn.BatchNorm2d(16)
        self.blocks = nn.Sequential(Block(16), Block(16), Block(16))
        self.fc = nn.Linear(16 * 9, 10)

    def forward(self, x):
        x = self.blocks(F.relu(self.bn(self.stem(x))))
        return self.fc(F.avg_pool2d(x, 2).flatten(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    glyphs = torch.randn(10, 1, 12, 12)
    y = torch.randint(0, 10, (2000,))
    x = (glyphs[y] + 0.8 * torch.randn(2000, 1, 12, 12)) / 1.28
    y_train, y_test, x_train, x_test = y[:1600], y[1600:], x[:1600], x[1600:]
    model = GlyphNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4, nesterov=True)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=300)
    run.watch(model, optimizer, criterion)
    for _epoch in range(6):
        model.train()
        for rows in torch.randperm(1600).split(32):
            loss = criterion(model(x_train[rows]), y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            accuracy = (model(x_test).argmax(1) == y_test).float().mean().item()
        run.log({"val_accuracy": accuracy})
    return accuracy


PROGRAM = Program(train)
