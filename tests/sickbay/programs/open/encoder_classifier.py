"""An encoder and a classifier on sensor windows; a line that was left from feature extraction."""

import torch
import torch.nn as nn

from ...program import Program


def sensors(n, g):
    """Three channels of 32 samples; the class is the kind of oscillation."""
    t = torch.arange(32).float()
    y = torch.randint(0, 5, (n,), generator=g)
    phase = torch.rand(n, 3, 1, generator=g) * 6.28
    speed = 0.2 + 0.17 * y.float()[:, None, None]
    x = torch.sin(speed * t + phase) + 0.4 * torch.randn(n, 3, 32, generator=g)
    return x, y


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv1d(3, 16, 5, padding=2),
            nn.BatchNorm1d(16),
            nn.ReLU(),
            nn.MaxPool1d(2),
            nn.Conv1d(16, 32, 5, padding=2),
            nn.BatchNorm1d(32),
            nn.ReLU(),
            nn.AdaptiveAvgPool1d(1),
            nn.Flatten(),
            nn.Linear(32, 8),
        )

    def forward(self, x):
        return self.net(x)


class Model(nn.Module):
    def __init__(self, sick):
        super().__init__()
        self.encoder = Encoder()
        self.classifier = nn.Linear(8, 5)
        self.sick = sick

    def forward(self, x):
        z = self.encoder(x)
        if self.sick:
            z = z.detach()
        return self.classifier(torch.relu(z))


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(11)
    x, y = sensors(1600, g)
    model = Model(sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        model.train()
        for batch in torch.randperm(1280).split(40):
            optimizer.zero_grad()
            loss = criterion(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
            run.log({"train_loss": loss.item()})
        model.eval()
        with torch.no_grad():
            out = model(x[1280:])
        run.log(
            {
                "val_loss": criterion(out, y[1280:]).item(),
                "val/accuracy": (out.argmax(1) == y[1280:]).float().mean().item(),
            }
        )
    return (out.argmax(1) == y[1280:]).float().mean().item()


PROGRAM = Program(train, causes=("no_gradient",), by_definition=True)
