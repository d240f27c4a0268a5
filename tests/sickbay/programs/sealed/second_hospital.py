"""A network learnt at one hospital is tuned at a second: first block frozen, smaller rate for the body, new head."""

import torch
import torch.nn as nn

from ...program import Program

RULE = torch.randn(16, 6, generator=torch.Generator().manual_seed(8))


def cases(n, g, shift):
    x = torch.randn(n, 16, generator=g) + shift
    z = torch.tanh(x @ RULE / 2)
    return x, (z[:, :3] * z[:, 3:]).sum(1)


def pretrain(net, g):
    x, s = cases(3000, g, 0.0)
    y = (s[:, None] > torch.tensor([-0.5, 0.5])).sum(1)
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(300):
        i = torch.randint(0, 3000, (100,), generator=g)
        opt.zero_grad()
        nn.functional.cross_entropy(net(x[i]), y[i]).backward()
        opt.step()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    net = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 3))
    pretrain(net, g)
    for p in net[0].parameters():
        p.requires_grad_(False)
    net[4] = nn.Linear(64, 2)
    x, s = cases(1500, g, 0.2)
    y = (s > 0).long()
    x_val, s_val = cases(500, g, 0.2)
    y_val = (s_val > 0).long()
    opt = torch.optim.AdamW([{"params": net[2].parameters(), "lr": 2e-4}, {"params": net[4].parameters(), "lr": 2e-3}])
    criterion = nn.CrossEntropyLoss()
    run.watch(net, opt, criterion)
    for epoch in range(5):
        for i in torch.randperm(1500, generator=g).split(30):
            loss = criterion(net(x[i]), y[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            out = net(x_val)
        run.log({"val_loss": criterion(out, y_val).item(), "val_acc": (out.argmax(1) == y_val).float().mean().item()})
    return (out.argmax(1) == y_val).float().mean().item()


PROGRAM = Program(train)
