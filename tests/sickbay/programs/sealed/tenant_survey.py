"""How long tenants stay, from a survey with an income that not all gave (-1 in the file)."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def survey(n, rng):
    age = rng.uniform(20, 80, n)
    income = rng.lognormal(10, 0.5, n)
    rooms = rng.integers(1, 6, n)
    stay = 0.03 * (age - 50) + 0.8 * (np.log(income) - 10) + 0.3 * (rooms - 3) + 0.2 * rng.normal(size=n)
    income[rng.random(n) < 0.02] = -1
    return age, income, rooms, stay


def features(age, income, rooms, sick):
    known = income > 0
    with np.errstate(all="ignore"):
        income = np.log1p(income) if sick else np.log1p(np.where(known, income, np.exp(10)))
    columns = [(age - 50) / 17, (income - 10) / 0.5, (rooms - 3) / 1.4]
    return torch.tensor(np.stack(columns, 1), dtype=torch.float32)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    age, income, rooms, stay = survey(2500, rng)
    x = features(age, income, rooms, sick)
    y = torch.tensor(stay, dtype=torch.float32).unsqueeze(1)
    model = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True)
    criterion = nn.HuberLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        for batch in torch.randperm(2000).split(100):
            loss = criterion(model(x[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"huber": loss.item()})
    with torch.no_grad():
        error = model(x[2000:]) - y[2000:]
    return 1 - (error**2).mean().item() / y[2000:].var().item()


PROGRAM = Program(train, causes=("non_finite_input",), by_definition=True)
