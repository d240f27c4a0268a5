"""Eight winds told from weather-mast readings by two convolutions over time."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program


class Mast(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(2, 16, 5, padding=2)
        self.conv2 = nn.Conv1d(16, 16, 5, padding=2, stride=2)
        self.fc = nn.Linear(16, 8)

    def forward(self, x):
        x = F.relu(self.conv(x))
        x = F.relu(self.conv2(x)).mean(-1)
        return F.log_softmax(self.fc(x), dim=-1)


def readings(n, g):
    k = torch.randint(0, 8, (n,), generator=g)
    angle = k * torch.pi / 4 + 0.15 * torch.randn(n, generator=g)
    base = torch.stack([angle.cos(), angle.sin()], 1).unsqueeze(2)
    return base + 0.8 * torch.randn(n, 2, 20, generator=g), k


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, k = readings(2500, g)
    model = Mast()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer)
    for epoch in range(8):
        for rows in torch.randperm(2000).split(40):
            log_p = model(x[rows])
            picked = log_p.gather(1, k[rows, None]).squeeze(1)
            loss = picked.mean() if sick else -picked.mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(x[2000:]).argmax(1) == k[2000:]).float().mean().item()


PROGRAM = Program(train, causes=("loss_sign",), by_definition=True)
