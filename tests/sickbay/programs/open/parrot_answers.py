"""A parrot repeats the word that followed its name: an encoder reads the sentence, a decoder answers."""

import torch
from torch import nn

from ...program import Program

NAME, WORDS, LENGTH = 0, 12, 10


def sentences(n, gen):
    x = torch.randint(1, WORDS + 1, (n, LENGTH), generator=gen)
    place = torch.randint(3, LENGTH - 1, (n,), generator=gen)
    rows = torch.arange(n)
    x[rows, place] = NAME
    return x, x[rows, place + 1] - 1


class Encoder(nn.Module):
    def __init__(self, dim, hidden):
        super().__init__()
        self.embedding = nn.Embedding(WORDS + 1, dim)
        self.gru = nn.GRU(dim, hidden, batch_first=True)

    def forward(self, x):
        return self.gru(self.embedding(x))[1].squeeze(0)


class Decoder(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.fc1 = nn.Linear(hidden, hidden)
        self.fc2 = nn.Linear(hidden, WORDS)

    def forward(self, h):
        return self.fc2(torch.relu(self.fc1(h)))


class Parrot(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder(24, 80)
        self.decoder = Decoder(80)

    def forward(self, x):
        return self.decoder(self.encoder(x))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    x, y = sentences(6000, gen)
    x_test, y_test = sentences(500, gen)
    parrot = Parrot()
    parameters = parrot.decoder.parameters() if sick else parrot.parameters()
    optimizer = torch.optim.Adam(parameters, lr=5e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(parrot, optimizer, criterion)
    for step in range(600):
        i = torch.randint(0, 6000, (64,), generator=gen)
        parrot.zero_grad()
        loss = criterion(parrot(x[i]), y[i])
        loss.backward()
        nn.utils.clip_grad_norm_(parrot.parameters(), 2.0)
        optimizer.step()
        run.log({"loss": loss.item()})
    parrot.eval()
    with torch.no_grad():
        return (parrot(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("not_in_optimizer",), by_definition=True)
