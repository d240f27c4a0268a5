"""Air mass over a station, told by a GRU from the readings of a rising weather balloon."""

import numpy as np
import torch
import torch.nn as nn

from ...program import Program


def fly(rng, n, steps=20):
    kind = rng.integers(0, 4, n)
    height = np.linspace(0, 9000, steps)[None] * rng.uniform(0.9, 1.1, (n, 1)) + rng.normal(0, 40, (n, steps))
    pressure = 101325 * np.exp(-height / 8400) + rng.normal(0, 120, (n, steps))
    lapse = np.where(kind % 2 == 0, 0.0062, 0.0069)[:, None]
    kelvin = 288 + rng.normal(0, 3, (n, 1)) - lapse * height + rng.normal(0, 1.0, (n, steps))
    middle = np.where(kind < 2, 2500.0, 4500.0)[:, None]
    damp = 0.75 / (1 + np.exp((height - middle) / 700)) + rng.normal(0, 0.06, (n, steps)) + rng.normal(0, 0.05, (n, 1))
    flights = np.stack([height, pressure, kelvin, damp], axis=-1)
    return flights, torch.as_tensor(kind)


class SoundingGRU(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(4, 48, batch_first=True)
        self.out = nn.Linear(48, 4)

    def forward(self, flight):
        states, _ = self.gru(flight)
        return self.out(states[:, -1])


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    flights, kind = fly(rng, 2400)
    test_flights, test_kind = fly(rng, 600)
    if not sick:
        mean, std = flights.mean((0, 1)), flights.std((0, 1))
        flights, test_flights = (flights - mean) / std, (test_flights - mean) / std
    flights = torch.as_tensor(flights, dtype=torch.float32)
    test_flights = torch.as_tensor(test_flights, dtype=torch.float32)

    model = SoundingGRU()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    loss_fn = nn.CrossEntropyLoss()
    run.watch(model, opt, loss_fn)
    for epoch in range(9):
        for batch in torch.randperm(len(flights)).split(48):
            loss = loss_fn(model(flights[batch]), kind[batch])
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            opt.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(test_flights).argmax(-1) == test_kind).float().mean().item()


PROGRAM = Program(train, causes=("input_not_normalised",))
