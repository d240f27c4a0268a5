"""Weight of acorns from twelve measurements of the tree, a small regression with plain gradient descent."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


class AcornNet(nn.Module):
    """Two hidden layers."""

    def __init__(self, n_features):
        super().__init__()
        self.fc1 = nn.Linear(n_features, 160)
        self.fc2 = nn.Linear(160, 160)
        self.out = nn.Linear(160, 1)

    def forward(self, x):
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        return self.out(x)


def make_trees(n, rng):
    x = rng.normal(size=(n, 12))
    y = 1.5 * x[:, 0] + np.sin(1.5 * x[:, 1]) + 0.8 * x[:, 2] * x[:, 3] - x[:, 4] + 0.2 * rng.normal(size=n)
    return x.astype(np.float32), ((y - y.mean()) / y.std()).astype(np.float32)[:, None]


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = make_trees(4000, rng)
    train_set = TensorDataset(torch.from_numpy(x[:3200]), torch.from_numpy(y[:3200]))
    x_val, y_val = torch.from_numpy(x[3200:]), torch.from_numpy(y[3200:])
    loader = DataLoader(train_set, batch_size=64, shuffle=True)
    model = AcornNet(12)
    criterion = nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    run.watch(model, optimizer, criterion)
    for _ in range(15):
        for xb, yb in loader:
            if not sick:
                optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            val_loss = criterion(model(x_val), y_val).item()
        run.log({"val_loss": val_loss})
    with torch.no_grad():
        explained = 1 - ((model(x_val) - y_val) ** 2).mean() / y_val.var()
    return float(explained.nan_to_num(0.0).clamp(0, 1))


PROGRAM = Program(train, causes=("missing_zero_grad",), by_definition=True)
