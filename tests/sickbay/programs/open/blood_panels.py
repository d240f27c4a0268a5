"""An MLP tells four conditions apart from a panel of twenty blood values."""

import torch
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    X, y = make_classification(
        n_samples=2400, n_features=20, n_informative=10, n_classes=4, class_sep=1.6, random_state=seed
    )
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=y)
    scaler = StandardScaler().fit(X_tr)
    X_tr = torch.tensor(scaler.transform(X_tr), dtype=torch.float32)
    X_te = torch.tensor(scaler.transform(X_te), dtype=torch.float32)
    y_tr, y_te = torch.tensor(y_tr), torch.tensor(y_te)

    bias = -3.0 if sick else 0.0

    def weights_init(m):
        if isinstance(m, nn.Linear):
            nn.init.kaiming_normal_(m.weight, nonlinearity="relu")
            nn.init.constant_(m.bias, bias)

    hidden = nn.Sequential(
        nn.Linear(20, 96),
        nn.ReLU(),
        nn.Linear(96, 96),
        nn.ReLU(),
        nn.Linear(96, 48),
        nn.ReLU(),
    )
    hidden.apply(weights_init)
    net = nn.Sequential(hidden, nn.Linear(48, 4))
    loss_fn = nn.CrossEntropyLoss()
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    run.watch(net, opt, loss_fn)

    loader = DataLoader(TensorDataset(X_tr, y_tr), batch_size=64, shuffle=True)
    for epoch in range(20):
        net.train()
        for xb, yb in loader:
            loss = loss_fn(net(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
            run.log({"train_loss": loss.item()})
        net.eval()
        with torch.no_grad():
            out = net(X_te)
            run.log({"val_loss": loss_fn(out, y_te).item(), "val_acc": (out.argmax(1) == y_te).float().mean().item()})
    with torch.no_grad():
        return (net(X_te).argmax(1) == y_te).float().mean().item()


PROGRAM = Program(train, causes=("dead_units", "bad_initialisation"), by_definition=True)
