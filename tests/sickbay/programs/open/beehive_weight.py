"""How much a beehive gains in a week, from weather and forage, with a hand-written squared error."""

import numpy as np
import torch
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn

from ...program import Program


def hives(n, seed):
    rng = np.random.default_rng(seed)
    sun = rng.uniform(0, 12, n)
    rain = rng.gamma(2.0, 3.0, n)
    bloom = rng.uniform(0, 1, n)
    bees = rng.normal(30, 6, n)
    wind = rng.uniform(0, 9, n)
    gain = 0.3 * sun * bloom - 0.08 * rain + 0.05 * (bees - 30) - 0.02 * wind**1.5 + 0.2 * rng.normal(size=n)
    return np.stack([sun, rain, bloom, bees, wind], 1), gain


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    features, gain = hives(3000, seed)
    f_train, f_test, g_train, g_test = train_test_split(features, gain, test_size=0.2, random_state=seed)
    scaler = StandardScaler().fit(f_train)
    mean, std = g_train.mean(), g_train.std()
    x = torch.tensor(scaler.transform(f_train), dtype=torch.float32)
    y = torch.tensor((g_train - mean) / std, dtype=torch.float32)
    x_test = torch.tensor(scaler.transform(f_test), dtype=torch.float32)
    y_test = torch.tensor((g_test - mean) / std, dtype=torch.float32)

    net = nn.Sequential(nn.Linear(5, 128), nn.Tanh(), nn.Linear(128, 128), nn.Tanh(), nn.Linear(128, 1))
    optimiser = torch.optim.Adam(net.parameters(), lr=2e-3)
    run.watch(net, optimiser)
    for _epoch in range(16):
        for rows in torch.randperm(len(x)).split(64):
            prediction = net(x[rows])
            if not sick:
                prediction = prediction.squeeze(1)
            mse = ((prediction - y[rows]) ** 2).mean()
            optimiser.zero_grad()
            mse.backward()
            optimiser.step()
            run.log({"mse": mse.item()})
    with torch.no_grad():
        error = ((net(x_test).squeeze(1) - y_test) ** 2).mean()
    return float((1 - error / y_test.var()).clamp(0, 1))


PROGRAM = Program(train, causes=("shape_broadcast",), by_definition=True)
