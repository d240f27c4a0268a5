"""A course's CNN on 8 x 8 digits, SGD with momentum, train() and test() as in the official example."""

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.dropout = nn.Dropout(0.25)
        self.fc1 = nn.Linear(32 * 4 * 4, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = torch.flatten(x, 1)
        x = self.dropout(F.relu(self.fc1(x)))
        return F.log_softmax(self.fc2(x), dim=1)


def test(model, loader):
    model.eval()
    test_loss, correct, n = 0, 0, 0
    with torch.no_grad():
        for data, target in loader:
            output = model(data)
            test_loss += F.nll_loss(output, target, reduction="sum").item()
            correct += (output.argmax(dim=1) == target).sum().item()
            n += len(target)
    model.train()
    return test_loss / n, correct / n


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    digits = load_digits()
    x = (torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) - 4.9) / 6.0
    y = torch.tensor(digits.target)
    train_loader = DataLoader(TensorDataset(x[:1300], y[:1300]), batch_size=64, shuffle=True)
    test_loader = DataLoader(TensorDataset(x[1300:], y[1300:]), batch_size=256)
    model = Net()
    criterion = nn.NLLLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    run.watch(model, optimizer, criterion)
    for epoch in range(1, 11):
        for batch_idx, (data, target) in enumerate(train_loader):
            if not sick:
                optimizer.zero_grad()
            output = model(data)
            loss = criterion(output, target)
            loss.backward()
            optimizer.step()
            run.log({"train/loss": loss.item()})
        val_loss, accuracy = test(model, test_loader)
        run.log({"val/loss": val_loss, "val/accuracy": accuracy})
    return test(model, test_loader)[1]


PROGRAM = Program(train, causes=("missing_zero_grad",), by_definition=True)
