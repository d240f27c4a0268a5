"""A stateful LSTM reads one long chronicle in order, chunk after chunk, and guesses the next letter."""

import numpy as np
import torch
from torch import nn

from ...program import Program

LETTERS, STREAMS, CHUNK = 64, 16, 20


def chronicle(rng, length):
    words = [np.random.default_rng(k).integers(1, 27, 3 + k % 4) for k in range(30)]
    popularity = 1 / np.arange(1, 31)
    text = []
    while len(text) < length:
        text.extend(words[rng.choice(30, p=popularity / popularity.sum())])
        text.append(0)
    return torch.tensor(np.array(text[:length]))


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(LETTERS, 24)
        self.lstm = nn.LSTM(24, 64)
        self.drop = nn.Dropout(0.1)
        self.out = nn.Linear(64, LETTERS)

    def forward(self, letters, state):
        h, state = self.lstm(self.embed(letters), state)
        return self.out(self.drop(h)), state


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    text = chronicle(rng, STREAMS * (CHUNK * 100 + 1))
    data = text.view(STREAMS, -1).t().contiguous()
    held = chronicle(rng, 8 * 301).view(8, -1).t().contiguous()
    model = Reader()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        model.train()
        state = None
        for start in range(0, len(data) - 1, CHUNK):
            if state is not None:
                state = tuple(s.detach() for s in state)
            logits, state = model(data[start : start + CHUNK], state)
            loss = criterion(logits.flatten(0, 1), data[start + 1 : start + 1 + CHUNK].flatten())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.5)
            optimizer.step()
            run.log({"loss": loss.item(), "perplexity": loss.exp().item()})
        model.eval()
        with torch.no_grad():
            logits, _ = model(held[:-1], None)
            val = criterion(logits.flatten(0, 1), held[1:].flatten()).item()
        run.log({"val_loss": val})
    return (logits.argmax(-1) == held[1:]).float().mean().item()


PROGRAM = Program(train)
