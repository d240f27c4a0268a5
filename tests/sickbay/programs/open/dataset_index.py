"""A Dataset whose __getitem__ reads the picture of another index: always the same one."""

import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, Dataset

from ...program import Program


class Digits(Dataset):
    def __init__(self, part, sick):
        d = load_digits()
        self.images, self.labels = d.images[part] / 16.0, d.target[part]
        self.sick = sick
        self.cache = {}

    def __len__(self):
        return len(self.labels)

    def load(self, index):
        key = "image" if self.sick else f"image{index}"
        if key not in self.cache:
            self.cache[key] = torch.tensor(self.images[index], dtype=torch.float32).unsqueeze(0)
        return self.cache[key]

    def __getitem__(self, index):
        return self.load(index), int(self.labels[index])


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    loader = DataLoader(Digits(slice(0, 1400), sick), batch_size=50, shuffle=True)
    test = DataLoader(Digits(slice(1400, None), sick), batch_size=100)
    model = nn.Sequential(
        nn.Conv2d(1, 12, 3), nn.ReLU(), nn.Conv2d(12, 12, 3), nn.ReLU(), nn.Flatten(), nn.Linear(12 * 16, 10)
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        for images, labels in loader:
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
            run.log({"train_loss": loss.item()})
    with torch.no_grad():
        return sum((model(a).argmax(1) == b).sum().item() for a, b in test) / 397


PROGRAM = Program(train, causes=("constant_input",), by_definition=True)
