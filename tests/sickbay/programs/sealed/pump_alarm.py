"""Pump faults by thirty features. A deep network in the style of a book from the nineties."""

import torch
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn

from ...program import Program


def tower(activation, depth=9, width=40):
    layers, size = [], 30
    for _ in range(depth):
        linear = nn.Linear(size, width)
        if activation is nn.ReLU:
            nn.init.kaiming_normal_(linear.weight)
        layers += [linear, activation()]
        size = width
    return nn.Sequential(*layers, nn.Linear(width, 5))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    X, y = make_classification(
        3000, 30, n_informative=12, n_redundant=4, n_classes=5, n_clusters_per_class=1, class_sep=2.0, random_state=seed
    )
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=500, random_state=seed)
    scaler = StandardScaler().fit(X_tr)
    X_tr, X_te = (torch.tensor(scaler.transform(part), dtype=torch.float32) for part in (X_tr, X_te))
    y_tr, y_te = torch.tensor(y_tr), torch.tensor(y_te)
    model = tower(nn.Sigmoid if sick else nn.ReLU)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        for batch in torch.randperm(2500).split(50):
            optimizer.zero_grad()
            loss = criterion(model(X_tr[batch]), y_tr[batch])
            loss.backward()
            optimizer.step()
            run.log({"train_loss": loss.item()})
        with torch.no_grad():
            out = model(X_te)
            run.log({"test_loss": criterion(out, y_te).item(), "epoch": epoch})
    return (out.argmax(1) == y_te).float().mean().item()


PROGRAM = Program(train, causes=("vanishing_gradient",))
