"""Weight of grain sacks from their shape, with gradients gathered over four small batches before each step."""

import torch
from torch import nn

from ...program import Program

ACCUMULATE = 4


def sacks(n):
    size = torch.rand(n, 3) * torch.tensor([0.6, 0.4, 1.0]) + torch.tensor([0.3, 0.2, 0.5])
    moisture = torch.rand(n, 1) * 0.25
    sort = torch.randint(0, 4, (n,))
    density = torch.tensor([720.0, 650.0, 600.0, 480.0])[sort]
    weight = size.prod(1) * density * (1 + moisture[:, 0]) * 0.8 + 4 * torch.randn(n)
    return torch.cat([size, moisture, nn.functional.one_hot(sort, 4).float()], 1), weight


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = sacks(3200)
    xv, yv = sacks(800)
    mx, sx, my, sy = x.mean(0), x.std(0), y.mean(), y.std()
    x, xv, y, yv = (x - mx) / sx, (xv - mx) / sx, (y - my) / sy, (yv - my) / sy
    data = torch.utils.data.TensorDataset(x, y)
    loader = torch.utils.data.DataLoader(data, batch_size=8, shuffle=True)

    model = nn.Sequential(nn.Linear(8, 48), nn.LayerNorm(48), nn.GELU(), nn.Linear(48, 48), nn.GELU(), nn.Linear(48, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=500)
    run.watch(model, optimizer)
    optimizer.zero_grad()
    for epoch in range(5):
        collected = 0.0
        for i, (xb, yb) in enumerate(loader, start=1):
            loss = nn.functional.huber_loss(model(xb).squeeze(-1), yb) / ACCUMULATE
            loss.backward()
            collected += loss.item()
            if i % ACCUMULATE == 0:
                optimizer.step()
                optimizer.zero_grad()
                scheduler.step()
                run.log({"loss": collected})
                collected = 0.0
        with torch.no_grad():
            run.log({"val_loss": nn.functional.huber_loss(model(xv).squeeze(-1), yv).item()})
    with torch.no_grad():
        return max(0.0, 1 - ((model(xv).squeeze(-1) - yv).pow(2).mean() / yv.var()).item())


PROGRAM = Program(train)
