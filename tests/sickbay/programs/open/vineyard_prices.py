"""What a hectare of vineyard costs. The features are standardised; the price is in euros."""

import torch
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def hectares(seed):
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(2200, 11, generator=g) * 3 + 4
    z = (x - 4) / 3
    price = 62000 + 18000 * torch.tanh(z[:, 0] + z[:, 1]) + 9000 * z[:, 2] + 6000 * z[:, 3] * z[:, 4]
    return x.numpy(), (price + 1500 * torch.randn(2200, generator=g)).numpy()


def train(run, *, sick, seed):
    x, y = hectares(seed)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, random_state=seed)
    scaler = StandardScaler().fit(x_train)
    x_train, x_test = (torch.tensor(scaler.transform(a), dtype=torch.float32) for a in (x_train, x_test))
    mean, std = (0.0, 1.0) if sick else (y_train.mean(), y_train.std())
    y_train, y_test = (torch.tensor((a - mean) / std, dtype=torch.float32) for a in (y_train, y_test))
    model = nn.Sequential(nn.Linear(11, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    run.watch(model, optimizer)
    for epoch in range(9):
        model.train()
        for n, (xb, yb) in enumerate(loader):
            error = model(xb).squeeze(1) - yb
            loss = (error**2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if n % 5 == 0:
                run.log({"mse": loss.item()})
        model.eval()
        with torch.no_grad():
            run.log({"val/mse": (model(x_test).squeeze(1) - y_test).pow(2).mean().item()})
    with torch.no_grad():
        return 1 - ((model(x_test).squeeze(1) - y_test).pow(2).mean() / y_test.var()).item()


PROGRAM = Program(train, causes=("target_not_scaled",))
