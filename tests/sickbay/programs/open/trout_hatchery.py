"""Will a tray of trout eggs hatch well: a wide network on forty readings from the hatchery."""

import torch
import torch.nn as nn
from sklearn.datasets import make_classification

from ...program import Program


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = make_classification(
        n_samples=4000,
        n_features=40,
        n_informative=8,
        n_redundant=4,
        n_clusters_per_class=2,
        flip_y=0.08,
        class_sep=1.2,
        random_state=seed + 11,
    )
    x = torch.tensor((x - x.mean(0)) / x.std(0), dtype=torch.float32)
    y = torch.tensor(y, dtype=torch.float32)
    trays = 90 if sick else 3000
    x_train, y_train, x_val, y_val = x[:trays], y[:trays], x[3000:], y[3000:]
    net = nn.Sequential(nn.Linear(40, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-4)
    bce = nn.BCEWithLogitsLoss()
    run.watch(net, opt, bce)
    for step in range(400):
        rows = torch.randint(0, trays, (40,))
        net.train()
        loss = bce(net(x_train[rows]).squeeze(1), y_train[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
        logs = {"loss": loss.item()}
        if step % 20 == 19:
            net.eval()
            with torch.no_grad():
                guess = net(x_val).squeeze(1)
                logs["val_loss"] = bce(guess, y_val).item()
                logs["val_acc"] = ((guess > 0) == (y_val > 0.5)).float().mean().item()
        run.log(logs)
    net.eval()
    with torch.no_grad():
        return ((net(x_val).squeeze(1) > 0) == (y_val > 0.5)).float().mean().item()


PROGRAM = Program(train, causes=("overfitting",))
