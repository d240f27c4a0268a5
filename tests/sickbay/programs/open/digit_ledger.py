"""Digits of an old ledger, cut out and filed figure by figure, read by a convolutional network."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class LedgerNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3)
        self.conv2 = nn.Conv2d(16, 32, 3)
        self.fc1 = nn.Linear(32 * 16, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        x = F.relu(self.fc1(torch.flatten(x, 1)))
        return F.log_softmax(self.fc2(x), dim=1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    pixels, figures = load_digits(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(pixels))
    held, kept = order[:400], order[400:]
    kept = kept[np.argsort(figures[kept], kind="stable")]
    images = torch.tensor((pixels - pixels.mean()) / pixels.std(), dtype=torch.float32).reshape(-1, 1, 8, 8)
    figures = torch.tensor(figures)
    train_loader = DataLoader(TensorDataset(images[kept], figures[kept]), batch_size=32, shuffle=not sick)
    model = LedgerNet()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.5)
    run.watch(model, optimizer, F.nll_loss)
    for _epoch in range(8):
        for data, target in train_loader:
            optimizer.zero_grad()
            output = model(data)
            loss = F.nll_loss(output, target)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            output = model(images[held])
            run.log(
                {
                    "test_loss": F.nll_loss(output, figures[held]).item(),
                    "test_accuracy": (output.argmax(1) == figures[held]).float().mean().item(),
                }
            )
    return (output.argmax(1) == figures[held]).float().mean().item()


PROGRAM = Program(train, causes=("unshuffled_data", "single_label_batches"))
