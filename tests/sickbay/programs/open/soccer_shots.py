"""Course exercise: a three-layer tanh network says where on the goal a shot lands (nine zones)."""

import numpy as np
import torch
from torch import nn

from ...program import Program


def shots(rng, n):
    angle, power, spin, wind = rng.uniform(-1, 1, (4, n))
    across = angle + 0.5 * spin * power + 0.15 * wind
    height = 0.9 * power - 0.5 * power**2 + 0.3 * spin + 0.6 * angle**2
    col = np.digitize(across, [-0.35, 0.35])
    row = np.digitize(height, [-0.15, 0.35])
    x = np.stack([angle, power, spin, wind], 1) / 0.577
    return torch.tensor(x, dtype=torch.float32), torch.tensor(3 * row + col)


def init_weights(module, zero):
    for name, p in module.named_parameters():
        if name.endswith("bias") or zero:
            nn.init.zeros_(p)
        else:
            nn.init.xavier_uniform_(p)


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    x, y = shots(rng, 3000)
    x_test, y_test = shots(rng, 800)
    net = nn.Sequential(nn.Linear(4, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh(), nn.Linear(48, 9))
    init_weights(net, zero=sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    run.watch(net, optimizer, criterion)
    for it in range(600):
        idx = torch.from_numpy(rng.integers(0, 3000, 64))
        out = net(x[idx])
        cost = criterion(out, y[idx])
        optimizer.zero_grad()
        cost.backward()
        optimizer.step()
        run.log({"cost": cost.item()})
        if it % 100 == 99:
            with torch.no_grad():
                run.log({"test_accuracy": (net(x_test).argmax(1) == y_test).float().mean().item()})
    with torch.no_grad():
        return (net(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("bad_initialisation",), by_definition=True)
