"""Cracked axle boxes among passing wagons, from sound traces, with 1-D convolutions."""

import numpy as np
import torch
from sklearn.metrics import balanced_accuracy_score
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

from ...program import Program


def wagons(rng, n, cracked_share, length=80):
    cracked = (rng.random(n) < cracked_share).astype(np.int64)
    sound = rng.normal(0, 1, (n, length))
    for k in np.flatnonzero(cracked):
        start = rng.integers(0, 10)
        sound[k, start::10] += rng.uniform(1.3, 1.7)
    return torch.tensor(sound[:, None], dtype=torch.float32), torch.tensor(cracked)


class AxleNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv1d(1, 16, 21, padding=10), nn.ReLU(), nn.MaxPool1d(2), nn.Conv1d(16, 16, 7, padding=3), nn.ReLU()
        )
        self.classifier = nn.Sequential(nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 2))

    def forward(self, x):
        z = self.features(x)
        return self.classifier(torch.cat([z.mean(2), z.amax(2)], 1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = wagons(rng, 15000, 0.02)
    x_test, y_test = wagons(rng, 1000, 0.2)

    dataset = TensorDataset(x, y)
    if sick:
        loader = DataLoader(dataset, batch_size=100, shuffle=True)
    else:
        weights = (1.0 / torch.bincount(y).float())[y]
        loader = DataLoader(dataset, batch_size=100, sampler=WeightedRandomSampler(weights, len(y)))

    model = AxleNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(3):
        correct = 0
        for inputs, labels in loader:
            optimizer.zero_grad()
            logits = model(inputs)
            loss = criterion(logits, labels)
            loss.backward()
            optimizer.step()
            correct += (logits.argmax(1) == labels).sum().item()
            run.log({"loss": loss.item()})
        run.log({"train_accuracy": correct / len(dataset)})

    with torch.no_grad():
        return float(balanced_accuracy_score(y_test.numpy(), model(x_test).argmax(1).numpy()))


PROGRAM = Program(train, causes=("class_imbalance",))
