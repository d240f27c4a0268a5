"""Seeds from a folder for each plant: the loader walks the folders one after another."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class SeedNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 3, padding=1)
        self.conv2 = nn.Conv2d(12, 24, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(24 * 4, 10)

    def forward(self, x):
        x = self.pool(torch.relu(self.conv1(x)))
        x = self.pool(torch.relu(self.conv2(x)))
        return self.fc(x.flatten(1))


def train(run, *, sick, seed):
    d = load_digits()
    images = torch.tensor(d.images, dtype=torch.float32)[:, None] / 16
    labels = torch.tensor(d.target)
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    images, labels = (images[order] - 0.3) / 0.37, labels[order]
    folders = torch.argsort(labels[:1500], stable=True)
    packets = TensorDataset(images[:1500][folders], labels[:1500][folders])
    loader = DataLoader(packets, batch_size=32, shuffle=not sick)
    test = images[1500:], labels[1500:]
    net = SeedNet()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.03, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    run.watch(net, optimizer, criterion)
    for epoch in range(4):
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(net(x), y)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            out = net(test[0])
            run.log({"test/loss": criterion(out, test[1]).item()})
    return (out.argmax(1) == test[1]).float().mean().item()


PROGRAM = Program(train, causes=("single_label_batches", "unshuffled_data"), by_definition=True)
