"""A batch-norm CNN on generated leaf outlines, SGD with Nesterov momentum, written like a competition baseline."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

CFG = dict(epochs=7, batch_size=32, classes=5, size=14)


def leaves(n, seed):
    g = torch.Generator().manual_seed(seed)
    y = torch.randint(0, CFG["classes"], (n,), generator=g)
    yy, xx = torch.meshgrid(torch.linspace(-1, 1, 14), torch.linspace(-1, 1, 14), indexing="ij")
    turn = torch.rand(n, 1, 1, generator=g) * 6.28
    angle = torch.atan2(yy, xx)[None] + turn
    radius = 0.55 + 0.3 * torch.cos((y[:, None, None] + 2) * angle)
    image = ((yy**2 + xx**2).sqrt()[None] < radius).float() + 0.25 * torch.randn(n, 14, 14, generator=g)
    return ((image - 0.3) / 0.5).unsqueeze(1), y


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        self.body = nn.Sequential(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(32 * 9, 64), nn.ReLU(), nn.Linear(64, CFG["classes"]))

    def forward(self, x):
        return self.head(self.body(self.stem(x)))


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    train_dl = DataLoader(TensorDataset(*leaves(1200, 1)), batch_size=CFG["batch_size"], shuffle=True, drop_last=True)
    x_valid, y_valid = leaves(300, 2)
    model = Model()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0 if sick else 0.02, momentum=0.9, nesterov=True)
    run.watch(model, optimizer, criterion)
    for epoch in range(CFG["epochs"]):
        model.train()
        for x, y in train_dl:
            logits = model(x)
            loss = criterion(logits, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"train/loss": loss.item(), "train/accuracy": (logits.argmax(1) == y).float().mean().item()})
        model.eval()
        with torch.no_grad():
            logits = model(x_valid)
            acc = (logits.argmax(1) == y_valid).float().mean().item()
            run.log({"val/loss": criterion(logits, y_valid).item(), "val/accuracy": acc})
    return acc


PROGRAM = Program(train, causes=("learning_rate_too_high",))
