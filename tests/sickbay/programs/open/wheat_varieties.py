"""Four varieties of wheat from twenty measurements of the grain."""

import torch
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class WheatNet(nn.Module):
    def __init__(self, n_features=20, n_classes=4):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(n_features, 256),
            nn.ReLU(),
            nn.Dropout(0.2),
            nn.Linear(256, 128),
            nn.ReLU(),
            nn.Dropout(0.2),
            nn.Linear(128, n_classes),
        )

    def forward(self, x):
        return self.layers(x)


def evaluate(model, loader, criterion):
    model.eval()
    correct, total, loss = 0, 0, 0.0
    with torch.no_grad():
        for x, y in loader:
            out = model(x)
            loss += criterion(out, y).item() * len(y)
            correct += (out.argmax(dim=1) == y).sum().item()
            total += len(y)
    return loss / total, correct / total


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    X, y = make_classification(
        5000, 20, n_informative=10, n_redundant=4, n_classes=4, n_clusters_per_class=1, class_sep=1.4, random_state=seed
    )
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.2, random_state=42, stratify=y)
    scaler = StandardScaler()
    X_train = torch.tensor(scaler.fit_transform(X_train), dtype=torch.float32)
    X_val = torch.tensor(scaler.transform(X_val), dtype=torch.float32)
    y_train, y_val = torch.tensor(y_train), torch.tensor(y_val)
    train_loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    val_loader = DataLoader(TensorDataset(X_val, y_val), batch_size=256)

    model = WheatNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)

    for epoch in range(10):
        model.train()
        for xb, yb in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            run.log({"train_loss": loss.item()})
        val_loss, val_acc = evaluate(model, val_loader, criterion)
        run.log({"val_loss": val_loss, "val_acc": val_acc})
    return val_acc


PROGRAM = Program(train)
