"""Five kinds of cutlery from twenty-four measurements. The export lists one kind after the other."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def drawer(n, g):
    kind = torch.arange(5).repeat_interleave(n // 5)
    centre = torch.randn(5, 24, generator=torch.Generator().manual_seed(12))
    return 0.7 * centre[kind] + torch.randn(len(kind), 24, generator=g), kind


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = drawer(2400, g)
    x_test, y_test = drawer(500, g)
    loader = DataLoader(TensorDataset(x, y), batch_size=40, shuffle=not sick)
    net = nn.Sequential(nn.Linear(24, 64), nn.LayerNorm(64), nn.GELU(), nn.Linear(64, 5))
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    run.watch(net, opt)
    for epoch in range(6):
        for xb, yb in loader:
            loss = criterion(net(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
            run.log({"loss": loss.item()})
        run.log({"epoch": epoch})
    with torch.no_grad():
        return (net(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("unshuffled_data", "single_label_batches"))
