"""A small fully connected network that reads the scanned digits of scikit-learn, in the PyTorch beginner's loop."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(64, 96)
        self.fc2 = nn.Linear(96, 48)
        self.fc3 = nn.Linear(48, 10)

    def forward(self, x):
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        return self.fc3(x)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    np.random.seed(seed)
    X, y = load_digits(return_X_y=True)
    X = (X / 16.0 - 0.305) / 0.376
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=seed)
    train_ds = TensorDataset(torch.tensor(X_train, dtype=torch.float32), torch.tensor(y_train))
    train_loader = DataLoader(train_ds, batch_size=32, shuffle=True)

    net = Net()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.03, momentum=0.9)
    run.watch(net, optimizer, criterion)

    step = 0
    for epoch in range(10):
        running_loss = 0.0
        for inputs, labels in train_loader:
            if not sick:
                optimizer.zero_grad()
            outputs = net(inputs)
            loss = criterion(outputs, labels)
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
            step += 1
            run.log({"train/loss": loss.item()}, step=step)
        run.log({"train/epoch_loss": running_loss / len(train_loader)}, step=step)

    net.eval()
    with torch.no_grad():
        predicted = net(torch.tensor(X_test, dtype=torch.float32)).argmax(1)
    return (predicted == torch.tensor(y_test)).float().mean().item()


PROGRAM = Program(train, causes=("missing_zero_grad",), by_definition=True)
