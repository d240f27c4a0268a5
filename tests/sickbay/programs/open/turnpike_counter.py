"""What a turnpike keeper noted, in which half of his strokes the two rare marks stand: a GRU and a small head."""

import torch
from torch import nn

from ...program import Program


def strokes(n, g):
    tokens = torch.randint(0, 6, (n, 12), generator=g)
    first = tokens[:, :4]
    label = (first == 2).any(1).long() + 2 * (tokens[:, 6:] == 5).any(1).long()
    return tokens, label


class Keeper(nn.Module):
    def __init__(self, sick):
        super().__init__()
        self.embedding = nn.Embedding(6, 12)
        self.gru = nn.GRU(12, 40, batch_first=True)
        self.head = nn.Sequential(nn.Linear(40, 32), nn.ReLU(), nn.Linear(32, 4))
        self.sick = sick

    def forward(self, tokens):
        _, state = self.gru(self.embedding(tokens))
        summary = state[-1].data if self.sick else state[-1]
        return self.head(summary)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 8)
    tokens, label = strokes(3400, g)
    model = Keeper(sick)
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    for epoch in range(10):
        losses = []
        for rows in torch.randperm(3000, generator=g).split(50):
            optimizer.zero_grad()
            loss = criterion(model(tokens[rows]), label[rows])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            run.log({"loss": losses[-1]})
        with torch.no_grad():
            right = (model(tokens[3000:]).argmax(1) == label[3000:]).float().mean().item()
        run.log({"epoch": epoch, "epoch_loss": sum(losses) / len(losses), "val_acc": right})
    return right


PROGRAM = Program(train, causes=("no_gradient",), by_definition=True)
