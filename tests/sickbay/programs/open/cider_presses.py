"""How many litres a cider press yields: Friedman's function, a tabular network and the functional loss."""

import torch
import torch.nn.functional as F
from sklearn.datasets import make_friedman1
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, Dataset

from ...program import Program


class PressDataset(Dataset):
    def __init__(self, X, y):
        self.X = torch.as_tensor(X, dtype=torch.float32)
        self.y = torch.as_tensor(y, dtype=torch.float32)

    def __len__(self):
        return len(self.X)

    def __getitem__(self, idx):
        return self.X[idx], self.y[idx]


class YieldNet(nn.Module):
    def __init__(self, n_features, hidden=80):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(n_features, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 1)
        )

    def forward(self, x):
        return self.layers(x)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    X, y = make_friedman1(n_samples=2400, n_features=10, noise=0.5, random_state=seed)
    x_scaler, y_scaler = StandardScaler().fit(X[:2000]), StandardScaler().fit(y[:2000, None])
    X, y = x_scaler.transform(X), y_scaler.transform(y[:, None])[:, 0]
    loader = DataLoader(PressDataset(X[:2000], y[:2000]), batch_size=64, shuffle=True)
    X_test = torch.as_tensor(X[2000:], dtype=torch.float32)
    y_test = torch.as_tensor(y[2000:], dtype=torch.float32)

    model = YieldNet(10)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer)
    for epoch in range(15):
        for xb, yb in loader:
            pred = model(xb)
            if not sick:
                pred = pred.squeeze(1)
            loss = F.mse_loss(pred, yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"mse": loss.item()})
    with torch.no_grad():
        error = F.mse_loss(model(X_test).squeeze(1), y_test)
    return (1 - error / y_test.var()).item()


PROGRAM = Program(train, causes=("shape_broadcast",), by_definition=True)
