"""The next hour's pressure change from two days of readings of a barometer, with an LSTM."""

import torch
import torch.nn as nn

from ...program import Program


class Barometer(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 32, batch_first=True)
        self.head = nn.Linear(32, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.head(out[:, -1]).squeeze(-1)


def readings(g, hours=2600):
    t = torch.arange(hours, dtype=torch.float32)
    slow = 9 * torch.sin(t / 23) + 5 * torch.sin(t / 9.1 + 1) + 0.15 * torch.randn(hours, generator=g)
    humidity = 70 + 12 * torch.cos(t / 23) + torch.randn(hours, generator=g)
    return torch.stack([1013 + slow, humidity], 1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    series = readings(g)
    windows = series.unfold(0, 25, 1).transpose(1, 2)
    target = windows[:, 24, 0] - windows[:, 21, 0]
    target = target / target[:2000].std()
    x = windows[:, :22]
    if not sick:
        x = (x - x[:2000].mean((0, 1))) / x[:2000].std((0, 1))
    model = Barometer()
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    loss_fn = nn.MSELoss()
    run.watch(model, optimizer, loss_fn)
    for epoch in range(8):
        for i in torch.randperm(2000, generator=g).split(64):
            loss = loss_fn(model(x[i]), target[i])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            run.log({"train_loss": loss.item()})
        with torch.no_grad():
            run.log({"valid_loss": loss_fn(model(x[2100:]), target[2100:]).item()})
    with torch.no_grad():
        return 1 - loss_fn(model(x[2100:]), target[2100:]).item() / target[2100:].var().item()


PROGRAM = Program(train, causes=("input_not_normalised",))
