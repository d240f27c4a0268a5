"""Malignant or benign from thirty figures of a scan, one logit."""

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn

from ...program import Program


class Classifier(nn.Module):
    def __init__(self, n_features):
        super().__init__()
        self.layer_1 = nn.Linear(n_features, 32)
        self.layer_2 = nn.Linear(32, 16)
        self.layer_out = nn.Linear(16, 1)
        self.relu = nn.ReLU()
        self.dropout = nn.Dropout(p=0.2)

    def forward(self, inputs):
        x = self.relu(self.layer_1(inputs))
        x = self.dropout(x)
        x = self.relu(self.layer_2(x))
        return self.layer_out(x)


def binary_acc(y_pred, y_true):
    return ((y_pred > 0).float() == y_true).float().mean().item()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    X, y = load_breast_cancer(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    scaler = StandardScaler()
    X_train = torch.tensor(scaler.fit_transform(X_train), dtype=torch.float32)
    X_test = torch.tensor(scaler.transform(X_test), dtype=torch.float32)
    y_train = torch.tensor(y_train, dtype=torch.float32).unsqueeze(1)
    y_test = torch.tensor(y_test, dtype=torch.float32).unsqueeze(1)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X_train, y_train), batch_size=20, shuffle=True)

    model = Classifier(X.shape[1])
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-3)
    run.watch(model, optimizer, criterion)
    for e in range(1, 16):
        model.train()
        epoch_loss = epoch_acc = 0.0
        for xb, yb in loader:
            optimizer.zero_grad()
            y_pred = model(xb)
            loss = criterion(y_pred, yb)
            loss.backward()
            optimizer.step()
            epoch_loss += loss.item()
            epoch_acc += binary_acc(y_pred, yb)
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            out = model(X_test)
            run.log(
                {
                    "epoch": e,
                    "train_acc": epoch_acc / len(loader),
                    "val_loss": criterion(out, y_test).item(),
                    "val_acc": binary_acc(out, y_test),
                }
            )
    model.eval()
    with torch.no_grad():
        return binary_acc(model(X_test), y_test)


PROGRAM = Program(train)
