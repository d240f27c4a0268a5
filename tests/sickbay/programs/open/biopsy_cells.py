"""Benign or malignant: a course notebook on scikit-learn's breast cancer table."""

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class BinaryClassification(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer_1 = nn.Linear(30, 256)
        self.layer_2 = nn.Linear(256, 256)
        self.layer_out = nn.Linear(256, 1)
        self.relu = nn.ReLU()
        self.dropout = nn.Dropout(p=0.1)

    def forward(self, inputs):
        x = self.relu(self.layer_1(inputs))
        x = self.relu(self.layer_2(x))
        x = self.dropout(x)
        return self.layer_out(x)


def train(run, *, sick, seed):
    X, y = load_breast_cancer(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.33, random_state=seed)
    scaler = StandardScaler()
    X_train = torch.FloatTensor(scaler.fit_transform(X_train))
    X_test = torch.FloatTensor(scaler.transform(X_test))
    loader = DataLoader(TensorDataset(X_train, torch.FloatTensor(y_train)), batch_size=32, shuffle=True)

    model = BinaryClassification()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    run.watch(model, optimizer, criterion)

    for epoch in range(25):
        model.train()
        optimizer.zero_grad()
        for X_batch, y_batch in loader:
            if not sick:
                optimizer.zero_grad()
            loss = criterion(model(X_batch), y_batch.unsqueeze(1))
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        pred = torch.round(torch.sigmoid(model(X_test))).squeeze(1)
    return (pred.numpy() == y_test).mean()


PROGRAM = Program(train, causes=("missing_zero_grad",), by_definition=True)
