"""A decoder should describe a code: the code is encoded, and then not given to the decoder."""

import torch
from torch import nn

from ...program import Program


class Captioner(nn.Module):
    def __init__(self, sick):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(8, 32), nn.Tanh())
        self.start = nn.Parameter(torch.zeros(32))
        self.cell = nn.GRUCell(4, 32)
        self.word = nn.Embedding(6, 4)
        self.out = nn.Linear(32, 6)
        self.sick = sick

    def forward(self, code):
        context = self.encoder(code)
        h = self.start.expand(len(code), -1)
        if not self.sick:
            h = h + context
        token = torch.zeros(len(code), dtype=torch.long)
        logits = []
        for _ in range(4):
            h = self.cell(self.word(token), h)
            logits.append(self.out(h))
            token = logits[-1].argmax(1).detach()
        return torch.stack(logits, 1)


def captions(n, g):
    code = torch.randn(n, 8, generator=g)
    words = torch.stack([(code[:, k] > 0).long() + 2 * (code[:, k + 4] > 0).long() for k in range(4)], 1)
    return code, words


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(28)
    code, words = captions(3000, g)
    model = Captioner(sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=6e-3)
    run.watch(model, optimizer, criterion)
    for step in range(400):
        i = torch.randint(0, 2600, (64,))
        loss = criterion(model(code[i]).flatten(0, 1), words[i].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(code[2600:]).argmax(-1) == words[2600:]).float().mean().item()


PROGRAM = Program(train, causes=("input_ignored", "no_gradient"), by_definition=True)
