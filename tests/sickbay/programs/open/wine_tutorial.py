"""A first tutorial on the wine data: Adam, ten epochs too many, accuracy printed at the end."""

import torch
import torch.nn as nn
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class WineNet(nn.Module):
    def __init__(self, sick):
        super().__init__()
        self.fc1 = nn.Linear(13, 32)
        self.fc2 = nn.Linear(32, 32)
        self.fc3 = nn.Linear(32, 3)
        self.relu = nn.ReLU()
        self.softmax = nn.Softmax(dim=0 if sick else 1)
        self.sick = sick

    def forward(self, x):
        x = self.relu(self.fc1(x))
        x = self.relu(self.fc2(x))
        x = self.fc3(x)
        if self.sick:
            x = self.softmax(x)
        return x


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    X, y = load_wine(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=42, stratify=y)
    scaler = StandardScaler()
    X_train = torch.tensor(scaler.fit_transform(X_train), dtype=torch.float32)
    X_test = torch.tensor(scaler.transform(X_test), dtype=torch.float32)
    y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=16, shuffle=True)

    model = WineNet(sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    run.watch(model, optimizer, criterion)

    for epoch in range(30):
        for inputs, labels in loader:
            optimizer.zero_grad()
            outputs = model(inputs)
            loss = criterion(outputs, labels)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})

    model.eval()
    with torch.no_grad():
        predicted = model(X_test).argmax(1)
    return (predicted == y_test).float().mean().item()


PROGRAM = Program(train, causes=("loss_output_mismatch",), by_definition=True)
