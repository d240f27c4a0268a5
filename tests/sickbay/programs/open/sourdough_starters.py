"""How high a sourdough starter rises, from a day and a half of temperatures and feedings."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class Riser(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.gru = nn.GRU(2, hidden, batch_first=True)
        self.out = nn.Linear(hidden, 1)

    def forward(self, x):
        states, _ = self.gru(x)
        return self.out(states[:, -1]).squeeze(-1)


def starters(n, hours=36):
    warmth = torch.randn(n, hours).cumsum(1) / hours**0.5
    fed = (torch.rand(n, hours) < 0.15).float()
    rise = torch.zeros(n)
    for t in range(hours):
        rise = 0.9 * rise + 0.4 * torch.tanh(warmth[:, t]) + 0.5 * (fed[:, t] - 0.15)
    x = torch.stack([warmth, (fed - 0.15) / 0.357], dim=2)
    rise = rise + 0.1 * torch.randn(n)
    return x, (rise - rise.mean()) / rise.std()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = starters(3000)
    loader = DataLoader(TensorDataset(x[:2560], y[:2560]), batch_size=64, shuffle=True)
    model = Riser()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    criterion = nn.MSELoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(12):
        for xb, yb in loader:
            if not sick:
                optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            run.log({"train_loss": loss.item()})
    with torch.no_grad():
        error = criterion(model(x[2560:]), y[2560:]).item()
    return max(0.0, 1 - error / y[2560:].var().item())


PROGRAM = Program(train, causes=("missing_zero_grad",), by_definition=True)
