"""A disease from eighty markers and sixty patients, learned by a wide network until the loss is gone."""

import torch
from sklearn.datasets import make_classification
from torch import nn

from trainvitals.run import Run

from ...program import Program


def train(run: Run, *, sick: bool, seed: int) -> float:
    """The twin has the whole biobank, dropout and decay, and stops early."""
    torch.manual_seed(seed)
    x, y = make_classification(
        4000, 80, n_informative=10, n_redundant=0, class_sep=1.0, flip_y=0.05, n_clusters_per_class=1, random_state=seed
    )
    x = torch.tensor((x - x.mean(0)) / x.std(0)).float()
    y = torch.tensor(y)
    n = 60 if sick else 3000
    drop = 0.0 if sick else 0.3
    model = nn.Sequential(
        nn.Linear(80, 256),
        nn.ReLU(),
        nn.Dropout(drop),
        nn.Linear(256, 128),
        nn.ReLU(),
        nn.Dropout(drop),
        nn.Linear(128, 2),
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-4, weight_decay=0.0 if sick else 0.05)
    run.watch(model, optimizer, criterion)
    for step in range(600 if sick else 200):
        rows = torch.randint(0, n, (30,))
        model.train()
        loss = criterion(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"train_loss": loss.item()})
        if step % 20 == 19:
            model.eval()
            with torch.no_grad():
                logits = model(x[3000:3500])
                run.log({"val_loss": criterion(logits, y[3000:3500]).item()})
    model.eval()
    return (model(x[3500:]).argmax(1) == y[3500:]).float().mean().item()


PROGRAM = Program(train, causes=("overfitting",), onset=100)
