"""Apple varieties from a spectrometer's readings, with train, validation and test parts."""

import numpy as np
import torch
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class AppleMLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(20, 64),
            nn.BatchNorm1d(64),
            nn.ReLU(),
            nn.Dropout(0.1),
            nn.Linear(64, 32),
            nn.ReLU(),
            nn.Linear(32, 7),
        )

    def forward(self, x):
        return self.layers(x)


def load(rng, n):
    profile = np.random.default_rng(21).normal(size=(7, 20))
    variety = rng.integers(0, 7, n)
    reading = profile[variety] + rng.normal(0, 1.0, (n, 20))
    return (reading / 1.4).astype(np.float32), variety


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    np.random.seed(seed)
    rng = np.random.default_rng(seed)
    X, y = load(rng, 2500)
    X_test, y_test = load(rng, 600)
    if sick:
        X_train, X_val = train_test_split(X, test_size=0.2)
        y_train, y_val = train_test_split(y, test_size=0.2)
    else:
        X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.2, random_state=seed)
    train_loader = DataLoader(
        TensorDataset(torch.from_numpy(X_train), torch.from_numpy(y_train)), batch_size=50, shuffle=True
    )
    val_loader = DataLoader(TensorDataset(torch.from_numpy(X_val), torch.from_numpy(y_val)), batch_size=250)

    model = AppleMLP()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(12):
        model.train()
        for x, target in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(x), target)
            loss.backward()
            optimizer.step()
            run.log({"train/loss": loss.item()})
        model.eval()
        val_loss = val_acc = 0.0
        with torch.no_grad():
            for x, target in val_loader:
                out = model(x)
                val_loss += criterion(out, target).item() / len(val_loader)
                val_acc += (out.argmax(1) == target).float().mean().item() / len(val_loader)
        run.log({"val/loss": val_loss, "val/accuracy": val_acc})
    with torch.no_grad():
        return accuracy_score(y_test, model(torch.from_numpy(X_test)).argmax(1).numpy())


PROGRAM = Program(train, causes=("labels_unrelated_to_inputs",))
