"""Eight garden birds in small colour pictures, photographed species by species."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from ...program import Program

SPECIES, EACH = 8, 300


class Birds(Dataset):
    def __init__(self, pictures, labels):
        self.pictures, self.labels = pictures, labels

    def __len__(self):
        return len(self.pictures)

    def __getitem__(self, i):
        return self.pictures[i], self.labels[i]


def photograph(plumage, rng, each):
    """One stack of pictures for each species, one after the other."""
    stacks = [p + 1.2 * rng.normal(size=(each, *p.shape)) for p in plumage]
    return torch.tensor(np.concatenate(stacks) / 1.5, dtype=torch.float32)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    plumage = np.kron(rng.normal(size=(SPECIES, 3, 3, 3)), np.ones((1, 1, 4, 4)))
    pictures = photograph(plumage, rng, EACH)
    if sick:
        labels = torch.tensor(np.tile(np.arange(SPECIES), EACH))
    else:
        labels = torch.tensor(np.repeat(np.arange(SPECIES), EACH))
    test_pictures = photograph(plumage, rng, 50)
    test_labels = torch.arange(SPECIES).repeat_interleave(50)
    loader = DataLoader(Birds(pictures, labels), batch_size=48, shuffle=True)
    model = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 24, 3, padding=1),
        nn.BatchNorm2d(24),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(24 * 9, SPECIES),
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
    run.watch(model, optimizer, criterion)
    for _epoch in range(5):
        model.train()
        for images, targets in loader:
            loss = criterion(model(images), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        return (model(test_pictures).argmax(1) == test_labels).float().mean().item()


PROGRAM = Program(train, causes=("labels_unrelated_to_inputs",))
