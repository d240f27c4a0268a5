"""A character model of made-up words by an LSTM; truncated backpropagation, clipped."""

import math

import torch
from torch import nn

from ...program import Program

SYLLABLES = ["ka", "lo", "mi", "ne", "ru", "ta", "so", "vi", "pe", "du"]


class CharLSTM(nn.Module):
    def __init__(self, vocab, hidden=48):
        super().__init__()
        self.encoder = nn.Embedding(vocab, 24)
        self.rnn = nn.LSTM(24, hidden)
        self.decoder = nn.Linear(hidden, vocab)

    def forward(self, x, state):
        out, state = self.rnn(self.encoder(x), state)
        return self.decoder(out), state


def repackage(state):
    return tuple(s.detach() for s in state)


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    picks = torch.randint(11, (26000,), generator=g).tolist()
    text = "".join(SYLLABLES[p] if p < 10 else " " for p in picks)
    chars = sorted(set(text))
    ids = torch.tensor([chars.index(c) for c in text])
    rows, bptt = 16, 16
    ids = ids[: len(ids) // rows * rows].view(rows, -1).t()
    model = CharLSTM(len(chars))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=2.0)
    run.watch(model, optimizer)
    state = (torch.zeros(1, rows, 48), torch.zeros(1, rows, 48))
    for i in range(0, 240 * 8, 8):
        start = i % (len(ids) - 400)
        x, y = ids[start : start + bptt], ids[start + 1 : start + 1 + bptt]
        state = repackage(state)
        out, state = model(x, state)
        loss = criterion(out.flatten(0, 1), y.flatten())
        model.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        run.log({"loss": loss.item(), "ppl": math.exp(loss.item())})
    with torch.no_grad():
        out, _ = model(ids[-350:-1], None)
        nll = criterion(out.flatten(0, 1), ids[-349:].flatten()).item()
    return 1 - nll / math.log(len(chars))


PROGRAM = Program(train)
