"""Fine-tuning in three stages: head alone, then the upper block too, then all, each with its own smaller rate."""

import torch
from torch import nn

from ...program import Program


def sprouts(n, wet):
    """Signals of forty points whose kind is the frequency of the swing; in the wet year amplitude and noise differ."""
    kind = torch.randint(0, 6, (n,))
    t = torch.linspace(0, 1, 40)
    freq = (2.0 + kind.float() + (0.5 if wet else 0.0))[:, None]
    phase = 6.28 * torch.rand(n, 1)
    x = torch.sin(6.28 * freq * t + phase) + (0.7 if wet else 0.35) * torch.randn(n, 40)
    return (x / 0.85)[:, None], kind


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lower = nn.Sequential(nn.Conv1d(1, 16, 7, padding=3), nn.GroupNorm(4, 16), nn.ReLU(), nn.MaxPool1d(2))
        self.upper = nn.Sequential(
            nn.Conv1d(16, 32, 7, padding=3), nn.GroupNorm(4, 32), nn.ReLU(), nn.AdaptiveAvgPool1d(5)
        )
        self.head = nn.Linear(160, 6)

    def forward(self, x):
        return self.head(self.upper(self.lower(x)).flatten(1))


def set_trainable(part, on):
    for p in part.parameters():
        p.requires_grad_(on)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    model = Net()
    source = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(200):
        x, y = sprouts(48, wet=False)
        source.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        source.step()

    model.head = nn.Linear(160, 6)
    set_trainable(model.lower, False)
    set_trainable(model.upper, False)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.head.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)
    xs, ys = sprouts(1600, wet=True)
    xv, yv = sprouts(800, wet=True)
    acc = 0.0
    for epoch in range(12):
        if epoch == 3:
            set_trainable(model.upper, True)
            optimizer.add_param_group({"params": model.upper.parameters(), "lr": 1e-3})
        if epoch == 7:
            set_trainable(model.lower, True)
            optimizer.add_param_group({"params": model.lower.parameters(), "lr": 5e-4})
        for idx in torch.randperm(1600).split(40):
            loss = criterion(model(xs[idx]), ys[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            out = model(xv)
            acc = (out.argmax(1) == yv).float().mean().item()
        run.log({"val_loss": criterion(out, yv).item(), "val_acc": acc})
    return acc


PROGRAM = Program(train)
