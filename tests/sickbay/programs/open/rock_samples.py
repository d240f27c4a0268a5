"""Rock types from spectra: the learning rate was copied from a fine-tuning recipe."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class SpectraNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv1d(1, 12, 7, stride=2), nn.ReLU(), nn.Conv1d(12, 16, 5, stride=2), nn.ReLU())
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(16 * 12, 48), nn.ReLU(), nn.Linear(48, 7))

    def forward(self, x):
        return self.fc(self.conv(x))


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    base = torch.randn(7, 60, generator=g).cumsum(1) * 0.4
    y = torch.randint(7, (2400,), generator=g)
    x = base[y] + 0.8 * torch.randn(2400, 60, generator=g)
    x = ((x - x.mean(1, keepdim=True)) / x.std(1, keepdim=True)).unsqueeze(1)
    loader = DataLoader(TensorDataset(x[:2000], y[:2000]), batch_size=40, shuffle=True)
    model = SpectraNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-6 if sick else 1e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss})
        model.eval()
        with torch.no_grad():
            run.log({"val_loss": criterion(model(x[2000:]), y[2000:])})
    return (model(x[2000:]).argmax(1) == y[2000:]).float().mean().item()


PROGRAM = Program(train, causes=("learning_rate_too_low",))
