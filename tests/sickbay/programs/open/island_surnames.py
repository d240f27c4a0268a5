"""From which of twelve islands a surname comes, letter by letter through a GRU."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

LETTERS = 26
ISLANDS = 12
LENGTH = 9


def transition_tables(g):
    return torch.softmax(1.6 * torch.randn(ISLANDS, LETTERS, LETTERS, generator=g), dim=-1)


def surnames(tables, n, g):
    island = torch.randint(0, ISLANDS, (n,), generator=g)
    letters = [torch.randint(0, LETTERS, (n,), generator=g)]
    for _ in range(LENGTH - 1):
        p = tables[island, letters[-1]]
        letters.append(torch.multinomial(p, 1, generator=g).squeeze(1))
    return torch.stack(letters, 1), island


class NameGRU(nn.Module):
    def __init__(self, softmax_out):
        super().__init__()
        self.embedding = nn.Embedding(LETTERS, 24)
        self.gru = nn.GRU(24, 64, batch_first=True)
        self.fc = nn.Linear(64, ISLANDS)
        self.softmax_out = softmax_out

    def forward(self, names):
        _, hidden = self.gru(self.embedding(names))
        scores = self.fc(hidden.squeeze(0))
        if self.softmax_out:
            return F.softmax(scores, dim=1)
        return scores


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(100 + seed)
    tables = transition_tables(g)
    names, island = surnames(tables, 20000, g)
    test_names, test_island = surnames(tables, 800, g)

    model = NameGRU(softmax_out=sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer, criterion)

    for i in range(1, 601):
        batch = torch.randint(0, len(names), (64,))
        optimizer.zero_grad()
        output = model(names[batch])
        loss = criterion(output, island[batch])
        loss.backward()
        optimizer.step()
        if i % 5 == 0:
            acc = (output.argmax(1) == island[batch]).float().mean().item()
            run.log({"loss": loss.item(), "acc": acc}, step=i)

    model.eval()
    with torch.no_grad():
        guess = model(test_names).argmax(1)
    return (guess == test_island).float().mean().item()


PROGRAM = Program(train, causes=("loss_output_mismatch",), by_definition=True)
