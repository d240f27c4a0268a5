"""Trains a small network on scikit-learn's digits, with validation, and watches it: `python examples/digits.py`."""

import torch
from sklearn.datasets import load_digits
from torch import nn

import trainvitals as tv

digits = load_digits()
images = torch.tensor(digits.data / 16 - 0.5, dtype=torch.float32)
labels = torch.tensor(digits.target)
train, validation = slice(360, None), slice(360)

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
criterion = nn.CrossEntropyLoss()

with tv.init(project="digits", config={"lr": 1e-3, "batch_size": 64}, tags=["example"]) as run:
    run.watch(model, optimizer, criterion)
    for epoch in range(10):
        for chosen in torch.randperm(len(labels[train])).split(64):
            loss = criterion(model(images[train][chosen]), labels[train][chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss, "epoch": epoch})
        with torch.no_grad():
            scores = model(images[validation])
            right = (scores.argmax(1) == labels[validation]).float().mean()
            run.log({"val_loss": criterion(scores, labels[validation]), "val/accuracy": right})
