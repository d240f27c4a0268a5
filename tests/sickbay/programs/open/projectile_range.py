"""How far a ball flies, learned from simulated throws: physics students' first network."""

import numpy as np
import torch

from ...program import Program


def throws(n, rng):
    v, a, h = rng.uniform(5, 20, n), rng.uniform(0.2, 1.3, n), rng.uniform(0, 3, n)
    vy = v * np.sin(a)
    d = v * np.cos(a) * (vy + np.sqrt(vy**2 + 2 * 9.81 * h)) / 9.81
    x = np.stack([(v - 12.5) / 4.3, (a - 0.75) / 0.32, (h - 1.5) / 0.87], 1)
    return torch.tensor(x).float(), torch.tensor((d - 15) / 9.5).float().reshape(-1, 1)


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    x_train, y_train = throws(1000, rng)
    x_test, y_test = throws(300, rng)
    N, D_in, H, D_out = 100, 3, 200, 1
    model = torch.nn.Sequential(
        torch.nn.Linear(D_in, H), torch.nn.ReLU(), torch.nn.Linear(H, H), torch.nn.ReLU(), torch.nn.Linear(H, D_out)
    )
    loss_fn = torch.nn.MSELoss(reduction="mean")
    learning_rate = 1.0 if sick else 2e-2
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=0.9)
    run.watch(model, optimizer, loss_fn)
    for t in range(400):
        idx = torch.as_tensor(rng.integers(0, 1000, N))
        y_pred = model(x_train[idx])
        loss = loss_fn(y_pred, y_train[idx])
        run.log({"loss": loss.item()})
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        r2 = 1 - ((model(x_test) - y_test) ** 2).mean() / y_test.var()
    return float(torch.nan_to_num(r2, nan=0.0))


PROGRAM = Program(train, causes=("learning_rate_too_high",))
