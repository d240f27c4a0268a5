"""State of a boiler (idle, normal, overload) from its sensors, in the units of the log: kelvin, pascal, rpm, litres."""

import torch
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def plant(n, g):
    state = torch.randint(0, 3, (n,), generator=g)
    s = state.float()
    z = torch.randn(n, 4, generator=g)
    kelvin = 350 + 6 * s + 4 * z[:, 0]
    pascal = 101_300 + 400 * (s - 1).abs() + 250 * z[:, 1]
    rpm = 1450 + 30 * s * (z[:, 0] > 0) + 20 * z[:, 2]
    litres = 0.8 - 0.15 * s + 0.1 * z[:, 3]
    return torch.stack([kelvin, pascal, rpm, litres], 1), state


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = plant(2500, g)
    if not sick:
        scaler = StandardScaler().fit(x[:2000])
        x = torch.tensor(scaler.transform(x), dtype=torch.float32)
    loader = DataLoader(TensorDataset(x[:2000], y[:2000]), batch_size=32, shuffle=True)
    model = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 3))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        hits = 0
        for xb, yb in loader:
            optimizer.zero_grad()
            out = model(xb)
            loss = criterion(out, yb)
            loss.backward()
            optimizer.step()
            hits += (out.argmax(1) == yb).sum().item()
            run.log({"loss": loss.item()})
        run.log({"train_acc": hits / 2000})
    with torch.no_grad():
        return (model(x[2000:]).argmax(1) == y[2000:]).float().mean().item()


PROGRAM = Program(train, causes=("input_not_normalised",))
