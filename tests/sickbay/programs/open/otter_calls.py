"""Five calls of river otters told apart in their pitch tracks by a batch-normalised 1-D CNN with dropout."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def calls(n, g):
    y = torch.randint(0, 5, (n,), generator=g)
    t = torch.linspace(0, 1, 48)
    rate = torch.tensor([2.0, 3.0, 4.0, 3.0, 2.0])[y] * (1 + 0.1 * torch.randn(n, generator=g))
    sweep = torch.tensor([0.0, 0.0, 0.0, 2.5, -2.5])[y]
    phase = 6.2832 * torch.rand(n, 1, generator=g)
    pitch = torch.sin(6.2832 * rate[:, None] * t + phase) + sweep[:, None] * (t - 0.5)
    loud = pitch.abs() + 0.5 * torch.randn(n, 48, generator=g)
    x = torch.stack([pitch + 0.8 * torch.randn(n, 48, generator=g), loud], 1)
    return x, y


class OtterNet(nn.Module):
    def __init__(self):
        super().__init__()

        def block(i, o):
            return nn.Sequential(nn.Conv1d(i, o, 5, padding=2), nn.BatchNorm1d(o), nn.ReLU(), nn.MaxPool1d(2))

        self.body = nn.Sequential(block(2, 32), block(32, 64), block(64, 64))
        self.head = nn.Sequential(nn.Flatten(), nn.Dropout(0.3), nn.Linear(64 * 6, 96), nn.ReLU(), nn.Dropout(0.3))
        self.out = nn.Linear(96, 5)

    def forward(self, x):
        return self.out(self.head(self.body(x)))


def validate(model, loader, criterion, sick):
    if not sick:
        model.eval()
    losses, hits = [], 0
    with torch.no_grad():
        for call, label in loader:
            out = model(call)
            losses.append(criterion(out, label).item())
            hits += (out.argmax(1) == label).sum().item()
    return sum(losses) / len(losses), hits / len(losses)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 9)
    x, y = calls(1500, g)
    x_val, y_val = calls(300, g)
    mean, std = x.mean((0, 2), keepdim=True), x.std((0, 2), keepdim=True)
    x, x_val = (x - mean) / std, (x_val - mean) / std
    loader = DataLoader(TensorDataset(x, y), batch_size=25, shuffle=True)
    val_loader = DataLoader(TensorDataset(x_val, y_val), batch_size=1)
    model = OtterNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    accuracy = 0.0
    for epoch in range(8):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            run.log({"train_loss": loss.item()})
        val_loss, accuracy = validate(model, val_loader, criterion, sick)
        run.log({"val_loss": val_loss, "val_accuracy": accuracy, "epoch": epoch})
    return accuracy


PROGRAM = Program(train, causes=("train_eval_mode",), by_definition=True)
