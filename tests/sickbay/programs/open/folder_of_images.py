"""Images read folder by folder, one folder a class; batch norm; accuracy logged."""

import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, Dataset

from ...program import Program


class FolderDataset(Dataset):
    """As if read by os.walk: all of class 0, then all of class 1, ..."""

    def __init__(self, images, labels):
        order = sorted(range(len(labels)), key=lambda i: labels[i])
        self.samples = [(images[i], int(labels[i])) for i in order]

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        image, label = self.samples[index]
        return torch.from_numpy(image).float().unsqueeze(0) / 16.0, label


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    digits = load_digits()
    train_loader = DataLoader(
        FolderDataset(digits.images[:1400], digits.target[:1400]), batch_size=32, shuffle=not sick
    )
    test_loader = DataLoader(FolderDataset(digits.images[1400:], digits.target[1400:]), batch_size=100)
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(256, 10),
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        for images, labels in train_loader:
            outputs = model(images)
            loss = criterion(outputs, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "train/accuracy": (outputs.argmax(1) == labels).float().mean().item()})
    with torch.no_grad():
        hits = sum((model(images).argmax(1) == labels).sum().item() for images, labels in test_loader)
    return hits / len(test_loader.dataset)


PROGRAM = Program(train, causes=("single_label_batches", "unshuffled_data"), by_definition=True)
