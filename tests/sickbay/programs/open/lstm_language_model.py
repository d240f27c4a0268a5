"""A word-level LSTM language model with truncated back-propagation and gradient clipping; perplexity logged."""

import math

import torch
import torch.nn as nn

from ...program import Program

WORDS = "the a old young man woman dog cat sees likes hears and runs sleeps . slowly often".split()


def corpus(n, g):
    def pick(*options):
        return options[torch.randint(len(options), (1,), generator=g).item()]

    words = []
    for _ in range(n):
        words += [pick("the", "a"), pick("old", "young"), pick("man", "woman", "dog", "cat")]
        if torch.rand(1, generator=g) < 0.5:
            words += [pick("sees", "likes", "hears"), "the", pick("man", "woman", "dog", "cat"), "."]
        else:
            words += [pick("runs", "sleeps"), pick("slowly", "often"), "."]
    return torch.tensor([WORDS.index(w) for w in words])


class RNNModel(nn.Module):
    def __init__(self, ntoken, ninp=24, nhid=48):
        super().__init__()
        self.drop = nn.Dropout(0.2)
        self.encoder = nn.Embedding(ntoken, ninp)
        self.rnn = nn.LSTM(ninp, nhid)
        self.decoder = nn.Linear(nhid, ntoken)
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)
        nn.init.uniform_(self.decoder.weight, -0.1, 0.1)

    def forward(self, tokens, hidden):
        output, hidden = self.rnn(self.drop(self.encoder(tokens)), hidden)
        return self.decoder(self.drop(output)).flatten(0, 1), hidden


def train(run, *, sick: bool, seed: int) -> float:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(2)
    data = corpus(6000, g)
    bptt, bsz = 12, 16
    data = data[: len(data) // bsz * bsz].view(bsz, -1).t().contiguous()
    held = corpus(400, g)[:, None]
    model = RNNModel(len(WORDS))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=5.0)
    run.watch(model, optimizer, criterion)
    hidden = None
    for i in range(0, min(len(data) - 1 - bptt, 200 * bptt), bptt):
        if hidden is not None:
            hidden = tuple(h.detach() for h in hidden)
        output, hidden = model(data[i : i + bptt], hidden)
        loss = criterion(output, data[i + 1 : i + 1 + bptt].reshape(-1))
        model.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.25)
        optimizer.step()
        run.log({"loss": loss.item(), "ppl": math.exp(loss.item())})
    model.eval()
    with torch.no_grad():
        output, _ = model(held[:-1], None)
        return 1 - criterion(output, held[1:].view(-1)).item() / math.log(len(WORDS))


PROGRAM = Program(train)
