"""Will it freeze on the allotment tonight? A yes or no from eight readings."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

from ...program import Program


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    readings = torch.randn(2200, 8)
    score = readings[:, 0] + 0.8 * readings[:, 1] * readings[:, 2] - 0.5 * readings[:, 3].abs() + 0.5
    frost = (score + 0.2 * torch.randn(2200) > 0).float().unsqueeze(1)
    train_set, test_set = random_split(TensorDataset(readings, frost), [1800, 400])
    last = nn.Softmax(dim=1) if sick else nn.Sigmoid()
    model = nn.Sequential(nn.Linear(8, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 1), last)
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(12):
        epoch_loss, right, seen = 0.0, 0, 0
        for xb, yb in DataLoader(train_set, batch_size=60, shuffle=True):
            optimizer.zero_grad()
            p = model(xb)
            loss = criterion(p, yb)
            loss.backward()
            optimizer.step()
            epoch_loss += loss.item() * len(xb)
            right += ((p > 0.5) == (yb > 0.5)).sum().item()
            seen += len(xb)
            run.log({"loss": loss.item()})
        run.log({"epoch/loss": epoch_loss / seen, "epoch/acc": right / seen})
    with torch.no_grad():
        hits = sum(((model(a) > 0.5) == (b > 0.5)).sum().item() for a, b in DataLoader(test_set, batch_size=200))
    return hits / 400


PROGRAM = Program(train, causes=("loss_output_mismatch",), by_definition=True)
