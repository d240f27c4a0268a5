"""Zip code digits with a small convolutional network, after a blog post."""

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from ...program import Program


class Net(nn.Module):
    def __init__(self, probabilities):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 12, 3, padding=1)
        self.conv2 = nn.Conv2d(12, 24, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(24 * 4, 48)
        self.fc2 = nn.Linear(48, 10)
        self.probabilities = probabilities

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = x.view(-1, 24 * 4)
        x = F.relu(self.fc1(x))
        x = self.fc2(x)
        if self.probabilities:
            return F.softmax(x, dim=1)
        return x


def train(run, *, sick, seed):
    digits = load_digits()
    images = torch.tensor(digits.images / 16.0, dtype=torch.float32).unsqueeze(1)
    images = (images - images.mean()) / images.std()
    labels = torch.tensor(digits.target)
    trainX, testX, trainY, testY = train_test_split(images, labels, test_size=0.25, random_state=seed)
    trainset = torch.utils.data.TensorDataset(trainX, trainY)
    trainloader = torch.utils.data.DataLoader(trainset, batch_size=64, shuffle=True, drop_last=True)

    net = Net(probabilities=sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
    run.watch(net, optimizer, criterion)

    for epoch in range(12):
        running_loss = 0.0
        for i, data in enumerate(trainloader, 0):
            inputs, labels = data
            optimizer.zero_grad()
            outputs = net(inputs)
            loss = criterion(outputs, labels)
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
            if i % 5 == 4:
                run.log({"train_loss": running_loss / 5})
                running_loss = 0.0
    with torch.no_grad():
        _, predicted = torch.max(net(testX), 1)
    return (predicted == testY).sum().item() / len(testY)


PROGRAM = Program(train, causes=("loss_output_mismatch",), by_definition=True)
