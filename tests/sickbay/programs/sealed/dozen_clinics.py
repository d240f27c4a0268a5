"""Tumours, from forty-eight patients only: a small network, weight decay, full batches, a long cosine to zero."""

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn

from ...program import Program


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    X, y = load_breast_cancer(return_X_y=True)
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, train_size=48, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(X_tr)
    X_tr = torch.tensor(scaler.transform(X_tr), dtype=torch.float32)
    X_te = torch.tensor(scaler.transform(X_te), dtype=torch.float32)
    y_tr = torch.tensor(y_tr, dtype=torch.float32)
    model = nn.Sequential(nn.Linear(30, 8), nn.Tanh(), nn.Dropout(0.2), nn.Linear(8, 1), nn.Flatten(0))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=0.1)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 200)
    criterion = nn.BCEWithLogitsLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(200):
        optimizer.zero_grad()
        loss = criterion(model(X_tr), y_tr)
        loss.backward()
        optimizer.step()
        scheduler.step()
        run.log({"loss": loss.item()})
    model.eval()
    with torch.no_grad():
        return ((model(X_te) > 0).numpy() == y_te).mean()


PROGRAM = Program(train)
