"""Which of six gardeners cut a hedge maze: a classifier on thirty measured lengths, with weight decay."""

import torch
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.optim import SGD
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    X, y = make_classification(
        n_samples=3000, n_features=30, n_informative=12, n_classes=6, class_sep=2.0, flip_y=0.0, random_state=seed
    )
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.2, random_state=seed)
    scaler = StandardScaler().fit(X_tr)
    X_tr = torch.tensor(scaler.transform(X_tr), dtype=torch.float32)
    X_te = torch.tensor(scaler.transform(X_te), dtype=torch.float32)
    y_tr, y_te = torch.tensor(y_tr), torch.tensor(y_te)

    model = nn.Sequential(nn.Linear(30, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 6))
    weight_decay = 0.2 if sick else 1e-4
    optimizer = SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=weight_decay)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    loader = DataLoader(TensorDataset(X_tr, y_tr), batch_size=48, shuffle=True)
    for epoch in range(12):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            acc = (model(X_te).argmax(1) == y_te).float().mean().item()
        run.log({"val_acc": acc})
    return acc


PROGRAM = Program(train, causes=("over_regularised",))
