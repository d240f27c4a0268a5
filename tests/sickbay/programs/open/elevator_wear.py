"""How worn is an elevator's rope? Gradients are clipped, with a value found in another paper."""

import torch
import torch.nn as nn

from ...program import Program


class RopeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv1d(2, 16, 5, stride=2), nn.ReLU(), nn.Conv1d(16, 16, 5, stride=2), nn.ReLU())
        self.wear = nn.Linear(16 * 9, 1)

    def forward(self, x):
        return self.wear(self.conv(x).flatten(1)).squeeze(1)


def ropes(n, g):
    wear = torch.rand(n, 1, generator=g)
    t = torch.arange(48) / 48
    phase = 6.28 * torch.rand(n, 1, generator=g)
    a = torch.sin(6.28 * (3 + 4 * wear) * t + phase)
    b = torch.cos(6.28 * 2 * t + phase) * (1 + wear)
    return torch.stack([a, b], 1) + 0.2 * torch.randn(n, 2, 48, generator=g), (wear.squeeze(1) - 0.5) * 3.4


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = ropes(2400, g)
    model = RopeNet()
    criterion = nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    run.watch(model, optimizer, criterion)
    limit = 1e-3 if sick else 1.0
    for epoch in range(8):
        for i in torch.randperm(2000, generator=g).split(50):
            loss = criterion(model(x[i]), y[i])
            optimizer.zero_grad()
            loss.backward()
            norm = nn.utils.clip_grad_norm_(model.parameters(), limit)
            optimizer.step()
            run.log({"loss": loss.item(), "norm_before_clipping": norm.item()})
        with torch.no_grad():
            run.log({"val_loss": criterion(model(x[2000:]), y[2000:]).item()})
    with torch.no_grad():
        return 1 - criterion(model(x[2000:]), y[2000:]).item() / y[2000:].var().item()


PROGRAM = Program(train, causes=("clipping_always_on",))
