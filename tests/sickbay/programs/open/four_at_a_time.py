"""Batches of four, as in the classifier tutorial everybody starts with."""

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from sklearn.datasets import load_digits

from ...program import Program


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 3)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 16, 2)
        self.fc1 = nn.Linear(16 * 2 * 2, 60)
        self.fc3 = nn.Linear(60, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = torch.flatten(F.relu(self.conv2(x)), 1)
        return self.fc3(F.relu(self.fc1(x)))


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    d = load_digits()
    order = torch.randperm(1797, generator=g)
    images, labels = (
        ((torch.tensor(d.images).float() / 16 - 0.5) / 0.5).unsqueeze(1)[order],
        torch.tensor(d.target)[order],
    )
    trainloader = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(images[:1400], labels[:1400]), batch_size=4, shuffle=True
    )
    net = Net()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    run.watch(net, optimizer, criterion)
    done = 0
    for epoch in range(2):
        for inputs, target in trainloader:
            optimizer.zero_grad()
            loss = criterion(net(inputs), target)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
            done += 1
            if done == 600:
                break
    with torch.no_grad():
        return (net(images[1400:]).argmax(1) == labels[1400:]).float().mean().item()


PROGRAM = Program(train)
