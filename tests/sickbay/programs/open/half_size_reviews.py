"""Reviews of bicycles, model cast to half to save memory, optimizer as it always was."""

import torch
import torch.nn as nn

from ...program import Program

VOCAB = 150


class Reviews(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.EmbeddingBag(VOCAB, 32)
        self.fc1 = nn.Linear(32, 48)
        self.fc2 = nn.Linear(48, 5)

    def forward(self, ids):
        return self.fc2(torch.relu(self.fc1(self.embed(ids))))


def reviews(n, g):
    stars = torch.randint(0, 5, (n,), generator=g)
    words = torch.softmax(0.9 * torch.randn(5, VOCAB, generator=torch.Generator().manual_seed(31)), 1)
    return torch.multinomial(words[stars], 16, replacement=True, generator=g), stars


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x, y = reviews(3000, g)
    xv, yv = reviews(600, g)
    model = Reviews()
    if sick:
        model = model.half()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for step in range(240):
        i = torch.randint(0, 3000, (50,), generator=g)
        loss = criterion(model(x[i]).float(), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        out = model(xv).float()
    return (out.argmax(1) == yv).float().mean().item() if out.isfinite().all() else 0.0


PROGRAM = Program(train, causes=("precision_underflow",), by_definition=True)
