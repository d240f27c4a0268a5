"""Which of sixteen species came to the feeder, from call features, by an MLP written as a class."""

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

SPECIES = 16


class VisitorClassifier(nn.Module):
    def __init__(self, n_features, softmax_output):
        super().__init__()
        self.hidden = nn.Sequential(nn.Linear(n_features, 96), nn.ReLU(), nn.Linear(96, 48), nn.ReLU())
        self.output = nn.Linear(48, SPECIES)
        self.softmax = nn.Softmax(dim=1) if softmax_output else nn.Identity()

    def forward(self, x):
        return self.softmax(self.output(self.hidden(x)))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    calls = np.random.default_rng(5).normal(size=(SPECIES, 24))
    label = rng.integers(0, SPECIES, 3600)
    features = calls[label] * rng.uniform(0.7, 1.3, (3600, 1)) + rng.normal(0, 0.9, (3600, 24))
    features = (features - features.mean(0)) / features.std(0)
    x, y = torch.tensor(features, dtype=torch.float32), torch.tensor(label)
    loader = DataLoader(TensorDataset(x[:3000], y[:3000]), batch_size=64, shuffle=True)
    val_loader = DataLoader(TensorDataset(x[3000:], y[3000:]), batch_size=200)

    model = VisitorClassifier(24, softmax_output=sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    run.watch(model, optimizer, criterion)
    for epoch in range(10):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        correct, total_loss = 0, 0.0
        with torch.no_grad():
            for xb, yb in val_loader:
                out = model(xb)
                total_loss += criterion(out, yb).item() / len(val_loader)
                correct += (out.argmax(1) == yb).sum().item()
        run.log({"val_loss": total_loss, "val_accuracy": correct / 600})
    return correct / 600


PROGRAM = Program(train, causes=("loss_output_mismatch",), by_definition=True)
