"""Faulty rollers on a conveyor belt, found in short vibration traces by a 1-D CNN; the score is balanced accuracy."""

import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import balanced_accuracy_score
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

from ...program import Program


def traces(rng, n, share_faulty):
    faulty = rng.random(n) < share_faulty
    t = np.arange(64)
    phase = rng.uniform(0, 2 * np.pi, (n, 1))
    x = np.sin(0.35 * t + phase) + 0.7 * rng.normal(size=(n, 64))
    knocks = (t % 16 == rng.integers(0, 16, (n, 1))) * rng.uniform(1.2, 2.8, (n, 1))
    x = x + faulty[:, None] * knocks
    return torch.tensor(x, dtype=torch.float32).unsqueeze(1), torch.tensor(faulty).long()


class BeltNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv1d(1, 16, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool1d(2),
            nn.Conv1d(16, 32, 9, padding=4),
            nn.ReLU(),
            nn.AdaptiveAvgPool1d(1),
        )
        self.head = nn.Linear(32, 2)

    def forward(self, x):
        return self.head(self.features(x).flatten(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = traces(rng, 5000, 0.03)
    x_test, y_test = traces(rng, 2000, 0.03)
    dataset = TensorDataset(x, y)
    if sick:
        loader = DataLoader(dataset, batch_size=64, shuffle=True)
    else:
        weight = 1.0 / torch.bincount(y)[y].double()
        loader = DataLoader(dataset, batch_size=64, sampler=WeightedRandomSampler(weight, len(y)))
    model = BeltNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(5):
        model.train()
        for xb, yb in loader:
            out = model(xb)
            loss = criterion(out, yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "accuracy": (out.argmax(1) == yb).float().mean().item()})
        model.eval()
        with torch.no_grad():
            guess = model(x_test).argmax(1)
        run.log({"val_balanced": balanced_accuracy_score(y_test, guess)})
    return balanced_accuracy_score(y_test, guess)


PROGRAM = Program(train, causes=("class_imbalance",))
