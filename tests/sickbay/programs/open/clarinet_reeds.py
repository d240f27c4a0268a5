"""Five cuts of clarinet reed told from a short recording, with one-dimensional convolutions."""

import math

import torch
from torch import nn

from ...program import Program


def recordings(kinds):
    n = len(kinds)
    t = torch.arange(64.0) / 64 * 2 * math.pi
    phase = 6.28 * torch.rand(n, 1)
    pitch = 3 + 0.3 * torch.randn(n, 1)
    sound = torch.sin(pitch * t + phase) * 0.7
    sound += torch.sin((kinds[:, None] + 2) * pitch * t + phase) * 0.5
    return (sound + 0.4 * torch.randn(n, 64)).unsqueeze(1)


class ReedNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv1d(1, 24, 7, padding=3),
            nn.BatchNorm1d(24),
            nn.ReLU(),
            nn.MaxPool1d(2),
            nn.Conv1d(24, 32, 5, padding=2),
            nn.BatchNorm1d(32),
            nn.ReLU(),
            nn.AdaptiveAvgPool1d(4),
        )
        self.classifier = nn.Sequential(nn.Flatten(), nn.Linear(128, 64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, 5))

    def forward(self, x):
        return self.classifier(self.features(x))


def evaluate(model, criterion, folders):
    """One folder of takes for each cut, eight takes at once."""
    right, loss, count = 0, 0.0, 0
    with torch.no_grad():
        for kind, takes in enumerate(folders):
            for x in takes.split(8):
                y = torch.full((len(x),), kind)
                out = model(x)
                right += (out.argmax(1) == y).sum().item()
                loss += criterion(out, y).item() * len(x)
                count += len(x)
    return loss / count, right / count


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    y = torch.randint(0, 5, (2400,))
    x = recordings(y)
    scale = x.std()
    x = x / scale
    folders = [recordings(torch.full((80,), kind)) / scale for kind in range(5)]
    model = ReedNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(12):
        model.train()
        for rows in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            loss = criterion(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            run.log({"train/loss": loss.item()})
        if not sick:
            model.eval()
        val_loss, accuracy = evaluate(model, criterion, folders)
        run.log({"val/loss": val_loss, "val/accuracy": accuracy})
    return accuracy


PROGRAM = Program(train, causes=("train_eval_mode",), by_definition=True)
