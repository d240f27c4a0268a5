"""Tells from a carrier pigeon's track of headings which of five lofts it flies home to, with a GRU."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def tracks(n, g):
    loft = torch.randint(5, (n,), generator=g)
    curve = torch.tensor([-0.24, -0.12, 0.0, 0.12, 0.24])[loft].unsqueeze(1)
    first = 6.2832 * torch.rand(n, 1, generator=g)
    heading = first + curve * torch.arange(20) + 0.25 * torch.randn(n, 20, generator=g)
    speed = 1 + 0.3 * torch.randn(n, 20, generator=g)
    return torch.stack([heading.cos(), heading.sin(), speed], dim=2), loft


class LoftGRU(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 48, batch_first=True)
        self.drop = nn.Dropout(0.1)
        self.fc = nn.Linear(48, 5)

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.fc(self.drop(out.mean(dim=1)))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 50)
    loader = DataLoader(TensorDataset(*tracks(3200, g)), batch_size=32, shuffle=True)
    x_val, y_val = tracks(600, g)

    model = LoftGRU()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)

    batches = iter(loader)
    x, y = next(batches)
    for step in range(500):
        model.train()
        if not sick:
            try:
                x, y = next(batches)
            except StopIteration:
                batches = iter(loader)
                x, y = next(batches)
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()}, step=step)
        if step % 100 == 99:
            model.eval()
            with torch.no_grad():
                out = model(x_val)
                run.log({"val_loss": criterion(out, y_val).item()}, step=step)
    return (out.argmax(1) == y_val).float().mean().item()


PROGRAM = Program(train, causes=("repeated_batch",), by_definition=True)
