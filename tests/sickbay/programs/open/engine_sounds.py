"""A GRU hears which of six engines runs, from recordings kept in one folder per engine."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from ...program import Program


class Recordings(Dataset):
    def __init__(self, rng, per_engine):
        self.items = []
        t = np.arange(40)
        for engine in range(6):
            for _ in range(per_engine):
                f = (0.25 + 0.12 * engine) * rng.normal(1, 0.03)
                s = np.sin(f * t + rng.uniform(0, 6.28)) + 0.4 * np.sin((2 + engine % 2) * f * t + rng.uniform(0, 6.28))
                s = s + 0.4 * rng.normal(size=40)
                self.items.append((torch.tensor(s.reshape(20, 2), dtype=torch.float32), engine))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        return self.items[index]


class EngineGRU(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, 40, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(80, 6)

    def forward(self, x):
        out, _ = self.gru(x)
        return self.fc(out.mean(1))


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    train_set, test_set = Recordings(rng, 200), Recordings(rng, 60)
    loader = DataLoader(train_set, batch_size=25, shuffle=not sick)
    model = EngineGRU()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(10):
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "epoch": epoch})
    with torch.no_grad():
        hits = [(model(x).argmax(1) == y).float() for x, y in DataLoader(test_set, batch_size=90)]
    return torch.cat(hits).mean().item()


PROGRAM = Program(train, causes=("single_label_batches", "unshuffled_data"))
