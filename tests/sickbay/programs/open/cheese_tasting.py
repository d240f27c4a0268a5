"""Three cheeses by thirteen measurements: a scaler, a small network, Adam."""

import torch
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn

from trainvitals.run import Run

from ...program import Program


def train(run: Run, *, sick: bool, seed: int) -> float:
    """Full batches."""
    torch.manual_seed(seed)
    X_train, X_test, y_train, y_test = train_test_split(*load_wine(return_X_y=True), test_size=0.3, random_state=seed)
    scaler = StandardScaler().fit(X_train)
    X_train = torch.FloatTensor(scaler.transform(X_train))
    X_test = torch.FloatTensor(scaler.transform(X_test))
    y_train, y_test = torch.LongTensor(y_train), torch.LongTensor(y_test)
    model = nn.Sequential(nn.Linear(13, 16), nn.ReLU(), nn.Linear(16, 3))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003, weight_decay=1e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(250):
        optimizer.zero_grad()
        outputs = model(X_train)
        loss = criterion(outputs, y_train)
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item(), "epoch": epoch})
    return (model(X_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train)
