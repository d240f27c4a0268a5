"""Reads the urgency of dispatch riders' notes, one of five grades, with a transformer encoder."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def notes(n, g):
    grade = torch.randint(5, (n,), generator=g)
    words = torch.randint(20, 64, (n, 12), generator=g)
    hot = torch.rand(n, 12, generator=g) < 0.17
    word = grade.unsqueeze(1) * 4 + torch.randint(4, (n, 12), generator=g)
    words = torch.where(hot, word, words)
    wrong = torch.rand(n, generator=g) < 0.1
    grade = torch.where(wrong, torch.randint(5, (n,), generator=g), grade)
    return words, grade


class Rider(nn.Module):
    def __init__(self, width=32, depth=2):
        super().__init__()
        self.word = nn.Embedding(64, width)
        self.place = nn.Embedding(12, width)
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(width, 2, 64, dropout=0.0, batch_first=True) for _ in range(depth)
        )
        self.grade = nn.Linear(width, 5)

    def forward(self, x):
        h = self.word(x) + self.place.weight
        for layer in self.layers:
            h = layer(h)
        return self.grade(h.mean(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 3)
    train_set = TensorDataset(*notes(12000, g))
    x_test, y_test = notes(1000, g)

    batch_size = 1 if sick else 32
    loader = DataLoader(train_set, batch_size=batch_size, shuffle=True)
    model = Rider()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)

    step, max_steps = 0, 375
    for xb, yb in loader:
        loss = criterion(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()}, step=step)
        step += 1
        if step == max_steps:
            break

    model.eval()
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("noisy_gradient",))
