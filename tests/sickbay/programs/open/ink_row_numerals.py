"""Handwritten numerals read row by row, eight rows of eight pixels each, by an LSTM."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class RowReader(nn.Module):
    def __init__(self, hidden_size=64, num_classes=10):
        super().__init__()
        self.lstm = nn.LSTM(8, hidden_size, batch_first=True)
        self.fc = nn.Linear(hidden_size, num_classes)

    def forward(self, rows):
        out, (h, c) = self.lstm(rows)
        return self.fc(out[:, -1])


def collect_by_numeral(images, labels):
    xs, ys = [], []
    for numeral in range(10):
        xs.append(images[labels == numeral])
        ys.append(labels[labels == numeral])
    return np.concatenate(xs), np.concatenate(ys)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    np.random.seed(seed)
    digits = load_digits()
    images = (digits.images / 16.0 - 0.3) / 0.38
    x_train, x_test, y_train, y_test = train_test_split(
        images, digits.target, test_size=0.25, random_state=seed, stratify=digits.target
    )
    x_train, y_train = collect_by_numeral(x_train, y_train)
    train_set = TensorDataset(torch.tensor(x_train, dtype=torch.float32), torch.tensor(y_train))
    loader = DataLoader(train_set, batch_size=24, shuffle=not sick)
    x_test, y_test = torch.tensor(x_test, dtype=torch.float32), torch.tensor(y_test)

    model = RowReader()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(7):
        for rows, labels in loader:
            outputs = model(rows)
            loss = criterion(outputs, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "epoch": epoch})
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("unshuffled_data",))
