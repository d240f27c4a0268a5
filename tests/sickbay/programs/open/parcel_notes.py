"""Delivery notes: does the driver's note end well? An embedding and a GRU, from scratch, Adam."""

import torch
from torch import nn

from ...program import Program


class NoteReader(nn.Module):
    def __init__(self, words=50):
        super().__init__()
        self.embedding = nn.Embedding(words, 16)
        self.encoder = nn.GRU(16, 24, batch_first=True)
        self.classifier = nn.Linear(24, 3)

    def forward(self, ids):
        return self.classifier(self.encoder(self.embedding(ids))[1][0])


def notes(n, g):
    ids = torch.randint(0, 50, (n, 12), generator=g)
    weight = torch.tensor([-1, 0, 1])[(torch.arange(50) * 7) % 3].float()
    mood = weight[ids].sum(1)
    return ids, (mood > -1).long() + (mood > 1).long()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    ids, y = notes(3000, g)
    ids_te, y_te = notes(500, g)
    model = NoteReader()
    if sick:  # left over from the version with the pretrained encoder
        for name, p in model.named_parameters():
            p.requires_grad = name.startswith("classifier")
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    loss_function = nn.CrossEntropyLoss()
    run.watch(model, optimizer)
    for step in range(360):
        i = torch.randint(0, 3000, (50,), generator=g)
        out = model(ids[i])
        loss = loss_function(out, y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item(), "acc": (out.argmax(1) == y[i]).float().mean().item()})
    with torch.no_grad():
        return (model(ids_te).argmax(1) == y_te).float().mean().item()


PROGRAM = Program(train, causes=("frozen_parameters",))
