"""Who answers to the drug in a small trial: three hundred patients, as their doctors noted it."""

import copy

import torch
from torch import nn

from ...program import Program


def patients(n, mistaken):
    x = torch.randn(n, 14)
    truth = (0.9 * x[:, 0] - 0.8 * x[:, 1] + 0.6 * x[:, 2] + 0.4 * x[:, 3] > 0).float()
    flip = torch.rand(n) < mistaken
    return x, torch.where(flip, 1 - truth, truth).unsqueeze(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x_train, y_train = patients(300, 0.2)
    x_val, y_val = patients(200, 0.2)
    x_test, y_test = patients(1000, 0.0)
    if sick:
        model = nn.Sequential(nn.Linear(14, 384), nn.ReLU(), nn.Linear(384, 384), nn.ReLU(), nn.Linear(384, 1))
    else:
        model = nn.Sequential(nn.Linear(14, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=0.0 if sick else 2e-2)
    run.watch(model, optimizer, criterion)
    best, best_state, bad = float("inf"), None, 0
    for epoch in range(50):
        model.train()
        for rows in torch.randperm(300).split(20):
            optimizer.zero_grad()
            loss = criterion(model(x_train[rows]), y_train[rows])
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            out = model(x_val)
            val = criterion(out, y_val).item()
        run.log({"val_loss": val, "val_acc": ((out > 0) == (y_val > 0.5)).float().mean().item()})
        if not sick:
            if val < best:
                best, best_state, bad = val, copy.deepcopy(model.state_dict()), 0
            else:
                bad += 1
                if bad >= 10:
                    break
    if best_state is not None:
        model.load_state_dict(best_state)
    with torch.no_grad():
        return ((model(x_test) > 0) == (y_test > 0.5)).float().mean().item()


PROGRAM = Program(train, causes=("overfitting",))
