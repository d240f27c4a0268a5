"""How long a loaf must bake, from flour, water and oven, by a three-layer regression in mini-batches."""

import numpy as np
import torch
import torch.nn as nn
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def load_loaves(seed):
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(2500, 8))
    minutes = table[:, 0] * table[:, 1] + np.sin(2 * table[:, 2]) + 0.8 * table[:, 3] + 0.5 * np.abs(table[:, 4])
    minutes += 0.15 * rng.normal(size=2500)
    return table, minutes


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    np.random.seed(seed)
    table, minutes = load_loaves(seed)
    x_train, x_test, y_train, y_test = train_test_split(table, minutes, test_size=0.2, random_state=seed)
    scaler = StandardScaler().fit(x_train)
    x_train = torch.tensor(scaler.transform(x_train), dtype=torch.float32)
    x_test = torch.tensor(scaler.transform(x_test), dtype=torch.float32)
    centre, spread = y_train.mean(), y_train.std()
    y_train = torch.tensor((y_train - centre) / spread, dtype=torch.float32)
    y_test = torch.tensor((y_test - centre) / spread, dtype=torch.float32)
    if not sick:
        y_train = y_train.unsqueeze(1)

    model = nn.Sequential(nn.Linear(8, 192), nn.ReLU(), nn.Linear(192, 192), nn.ReLU(), nn.Linear(192, 1))
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=50, shuffle=True)
    for _ in range(18):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        residual = model(x_test).squeeze(1) - y_test
    return max(0.0, 1 - (residual.var() / y_test.var()).item())


PROGRAM = Program(train, causes=("shape_broadcast",), by_definition=True)
