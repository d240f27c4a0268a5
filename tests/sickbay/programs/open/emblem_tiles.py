"""Six emblems on small noisy tiles, told apart by a CNN with two convolutions."""

import numpy as np
import torch
import torch.nn as nn

from ...program import Program

EMBLEMS = np.random.default_rng(17).random((6, 5, 5)) > 0.5


def tiles(rng, n):
    label = rng.integers(0, 6, n)
    image = 0.3 * rng.normal(size=(n, 10, 10))
    for i, (row, col) in enumerate(rng.integers(1, 5, (n, 2))):
        image[i, row : row + 5, col : col + 5] += EMBLEMS[label[i]] * rng.uniform(0.8, 1.4)
    image = (image - 0.17) / 0.5
    return torch.tensor(image, dtype=torch.float32).unsqueeze(1), torch.tensor(label)


class EmblemNet(nn.Module):
    def __init__(self, bias):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 3, padding=1)
        self.conv2 = nn.Conv2d(12, 24, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(24 * 5 * 5, 48)
        self.fc2 = nn.Linear(48, 6)
        for layer in (self.conv1, self.conv2, self.fc1):
            nn.init.kaiming_normal_(layer.weight)
            nn.init.constant_(layer.bias, bias)

    def forward(self, x):
        x = torch.relu(self.conv1(x))
        x = self.pool(torch.relu(self.conv2(x)))
        x = torch.relu(self.fc1(x.flatten(1)))
        return self.fc2(x)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = tiles(rng, 1800)
    x_test, y_test = tiles(rng, 600)
    model = EmblemNet(bias=-5.0 if sick else 0.0)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        losses = []
        for idx in torch.randperm(len(x)).split(30):
            optimizer.zero_grad()
            loss = criterion(model(x[idx]), y[idx])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            run.log({"loss": losses[-1]})
        with torch.no_grad():
            out = model(x_test)
            run.log({"epoch_loss": sum(losses) / len(losses), "val_loss": criterion(out, y_test).item()})
    return (out.argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("dead_units", "bad_initialisation"))
