"""Mood of accordion phrases of different lengths by an LSTM; four phrases at a time, four times before a step."""

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from ...program import Program


class PhraseLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.keys = nn.Embedding(25, 24, padding_idx=0)
        self.lstm = nn.LSTM(24, 48, batch_first=True)
        self.mood = nn.Linear(48, 3)
        with torch.no_grad():
            self.lstm.bias_ih_l0[48:96] = 1.0

    def forward(self, phrase, length):
        packed = pack_padded_sequence(self.keys(phrase), length, batch_first=True, enforce_sorted=False)
        _, (h, _) = self.lstm(packed)
        return self.mood(h[-1])


def play(rng, n):
    scales = np.array([[0, 2, 4, 5, 7, 9, 11], [0, 2, 3, 5, 7, 8, 11], [0, 1, 4, 5, 6, 9, 10]])
    mood = rng.integers(0, 3, n)
    length = rng.integers(8, 19, n)
    phrase = np.zeros((n, 18), dtype=np.int64)
    for i in range(n):
        notes = scales[mood[i]][rng.integers(0, 7, length[i])] + 12 * rng.integers(0, 2, length[i])
        phrase[i, : length[i]] = 1 + notes
    return torch.from_numpy(phrase), torch.from_numpy(length), torch.from_numpy(mood)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    phrase, length, mood = play(rng, 3200)
    test = play(rng, 500)
    model = PhraseLSTM()
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    criterion = nn.CrossEntropyLoss()
    parts = 4
    run.watch(model, optimizer, criterion)
    seen = 0.0
    for epoch in range(2):
        for i, idx in enumerate(torch.randperm(len(mood)).split(4)):
            loss = criterion(model(phrase[idx], length[idx]), mood[idx])
            (loss / parts).backward()
            seen += loss.item() / parts
            if (i + 1) % parts == 0:
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                optimizer.zero_grad()
                run.log({"loss": seen})
                seen = 0.0
    with torch.no_grad():
        return (model(test[0], test[1]).argmax(1) == test[2]).float().mean().item()


PROGRAM = Program(train)
