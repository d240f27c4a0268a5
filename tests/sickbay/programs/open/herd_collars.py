"""What a cow is doing, from its collar's accelerometer: a GRU with a second head that forecasts the next reading."""

import torch
from torch import nn

from ...program import Program

LENGTH = 24


def recordings(count, gen):
    label = torch.randint(4, (count,), generator=gen)
    t = torch.arange(LENGTH).float()
    start = torch.randint(8, 15, (count, 1), generator=gen)
    jerk = torch.exp(-((t - start) ** 2) / 3.0)
    sideways = 2.5 * torch.where(label < 2, 1.0, -1.0)[:, None] * jerk
    upwards = 2.5 * torch.where(label % 2 == 0, 1.0, -1.0)[:, None] * jerk
    phase = 6.28 * torch.rand(count, 1, generator=gen)
    stride = 0.5 + 0.5 * torch.rand(count, 1, generator=gen)
    gait = 2.0 * torch.sin(stride * t + phase)
    x = torch.stack([sideways, upwards, gait], 2) + 0.5 * torch.randn(count, LENGTH, 3, generator=gen)
    return (x - x.mean((0, 1))) / x.std((0, 1)), label


class CollarNet(nn.Module):
    def __init__(self, hidden=20):
        super().__init__()
        self.gru = nn.GRU(3, hidden, batch_first=True)
        self.behaviour = nn.Linear(hidden, 4)
        self.forecast = nn.Linear(hidden, 3)

    def forward(self, x):
        states, _ = self.gru(x)
        return self.behaviour(states[:, -1]), self.forecast(states[:, :-1])


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    x, y = recordings(2600, gen)
    model = CollarNet()
    forecast_weight = 1e4 if sick else 0.1
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    run.watch(model, optimizer)
    for _ in range(400):
        rows = torch.randint(2000, (32,), generator=gen)
        behaviour, forecast = model(x[rows])
        behaviour_loss = nn.functional.cross_entropy(behaviour, y[rows])
        forecast_loss = forecast_weight * nn.functional.mse_loss(forecast, x[rows][:, 1:])
        loss = behaviour_loss + forecast_loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item(), "loss/behaviour": behaviour_loss.item(), "loss/forecast": forecast_loss.item()})
    with torch.no_grad():
        return (model(x[2000:])[0].argmax(1) == y[2000:]).float().mean().item()


PROGRAM = Program(train, causes=("loss_scale",))
