"""A small digit reader learns from the soft answers of a larger one."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

from ...program import Program

TEMPERATURE = 4.0


def mlp(*sizes, p=0.0):
    layers = []
    for a, b in zip(sizes[:-2], sizes[1:-1]):
        layers += [nn.Linear(a, b), nn.ReLU(), nn.Dropout(p)]
    return nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1]))


def fit_veteran(x, y):
    veteran = mlp(64, 256, 256, 10, p=0.3)
    opt = torch.optim.Adam(veteran.parameters(), lr=1e-3)
    for _ in range(15):
        for idx in torch.randperm(len(x)).split(50):
            opt.zero_grad()
            F.cross_entropy(veteran(x[idx]), y[idx]).backward()
            opt.step()
    veteran.eval()
    return veteran.requires_grad_(False)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    X, y = load_digits(return_X_y=True)
    X_tr, X_te, y_tr, y_te = train_test_split(X / 16.0, y, test_size=0.25, random_state=seed, stratify=y)
    mean, std = X_tr.mean(), X_tr.std()
    X_tr, X_te = [torch.tensor((a - mean) / std, dtype=torch.float32) for a in (X_tr, X_te)]
    y_tr, y_te = torch.tensor(y_tr), torch.tensor(y_te)

    veteran = fit_veteran(X_tr, y_tr)
    rookie = mlp(64, 32, 10)
    optimizer = torch.optim.Adam(rookie.parameters(), lr=3e-3)
    run.watch(rookie, optimizer)

    for epoch in range(18):
        for idx in torch.randperm(len(X_tr)).split(50):
            xb = X_tr[idx] + 0.1 * torch.randn(len(idx), 64)
            with torch.no_grad():
                soft = F.softmax(veteran(xb) / TEMPERATURE, dim=1)
            logits = rookie(xb)
            kd = F.kl_div(F.log_softmax(logits / TEMPERATURE, dim=1), soft, reduction="batchmean") * TEMPERATURE**2
            ce = F.cross_entropy(logits, y_tr[idx])
            loss = 0.7 * kd + 0.3 * ce
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item(), "kd": kd.item(), "ce": ce.item()})

    with torch.no_grad():
        return (rookie(X_te).argmax(1) == y_te).float().mean().item()


PROGRAM = Program(train)
