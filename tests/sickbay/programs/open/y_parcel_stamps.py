"""A small convolutional network reads the digit on a parcel's stamp."""

import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def conv_block(c_in, c_out, dropout_before_norm):
    conv = nn.Conv2d(c_in, c_out, 3, padding=1)
    if dropout_before_norm:
        return nn.Sequential(conv, nn.Dropout(0.4), nn.BatchNorm2d(c_out), nn.ReLU(), nn.MaxPool2d(2))
    return nn.Sequential(conv, nn.BatchNorm2d(c_out), nn.ReLU(), nn.MaxPool2d(2))


class StampNet(nn.Module):
    def __init__(self, dropout_before_norm):
        super().__init__()
        self.block1 = conv_block(1, 24, dropout_before_norm)
        self.block2 = conv_block(24, 48, dropout_before_norm)
        if dropout_before_norm:
            self.neck = nn.Sequential(nn.Linear(192, 64), nn.ReLU(), nn.Dropout(0.4), nn.BatchNorm1d(64))
        else:
            self.neck = nn.Sequential(nn.Linear(192, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.4))
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        x = self.block2(self.block1(x))
        return self.fc(self.neck(x.flatten(1)))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    data = load_digits()
    x = torch.tensor(data.images, dtype=torch.float32)[:, None]
    x = (x - x.mean()) / x.std()
    x = x + 0.4 * torch.randn_like(x)  # worn ink
    y = torch.tensor(data.target)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
    train_loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)

    model = StampNet(dropout_before_norm=sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
    run.watch(model, optimizer, criterion)
    step = 0
    for epoch in range(8):
        model.train()
        for xb, yb in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            if step % 5 == 0:
                run.log({"train/loss": loss.item()}, step=step)
            step += 1
        model.eval()
        with torch.no_grad():
            logits = model(x_test)
            acc = (logits.argmax(1) == y_test).float().mean().item()
            run.log({"val/loss": criterion(logits, y_test).item(), "val/acc": acc}, step=step)
    return acc


PROGRAM = Program(train, causes=("normalisation_order",), by_definition=True)
