"""Will the apartment be let within a month? A table with areas, years, rents and distances."""

import numpy as np
import torch
import torch.nn as nn
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from ...program import Program

COLUMNS = ("area_m2", "rooms", "year_built", "rent", "metres_to_tram", "floor", "balcony")


def make_table(rng, n):
    area = rng.uniform(25, 160, n)
    rooms = np.round(area / 28 + rng.normal(0, 0.5, n)).clip(1, 7)
    year = rng.integers(1890, 2022, n)
    rent = area * rng.uniform(9, 21, n)
    tram = rng.exponential(900, n)
    floor = rng.integers(0, 9, n)
    balcony = rng.integers(0, 2, n)
    table = np.stack([area, rooms, year, rent, tram, floor, balcony], 1)
    per_m2 = rent / area
    logit = (
        -0.9 * (per_m2 - 15) - 0.0012 * (tram - 900) + 1.6 * (balcony - 0.5) + 0.02 * (year - 1955) - 0.3 * (floor - 4)
    )
    let = (rng.random(n) < 1 / (1 + np.exp(-1.5 * logit))).astype(np.float32)
    return table.astype(np.float32), let


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    X, y = make_table(np.random.default_rng(seed), 3000)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=seed)
    if not sick:
        scaler = StandardScaler()
        X_train = scaler.fit_transform(X_train)
        X_test = scaler.transform(X_test)
    X_train, X_test = torch.tensor(X_train).float(), torch.tensor(X_test).float()
    y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)

    model = nn.Sequential(nn.Linear(len(COLUMNS), 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    loss_fn = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    run.watch(model, optimizer)
    batch = 50
    for epoch in range(12):
        perm = torch.randperm(len(X_train))
        for i in range(0, len(X_train), batch):
            rows = perm[i : i + batch]
            logits = model(X_train[rows]).squeeze(-1)
            loss = loss_fn(logits, y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return ((model(X_test).squeeze(-1) > 0).float() == y_test).float().mean().item()


PROGRAM = Program(train, causes=("input_not_normalised",))
