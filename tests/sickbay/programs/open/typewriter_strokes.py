"""Which of six typists sat at the machine, from the rhythm of twenty strokes, with an LSTM."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

TYPISTS = 6


def strokes(rng, per_typist, habits):
    rows, who = [], []
    for typist in range(TYPISTS):
        beat = np.tile(habits[typist], (per_typist, 5, 1))
        rows.append(beat + rng.normal(0, 0.7, beat.shape))
        who += [typist] * per_typist
    x = np.concatenate(rows)
    return x.reshape(len(x), 20, 2).astype(np.float32), np.array(who)


class RhythmLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(input_size=2, hidden_size=32, batch_first=True)
        self.dense = nn.Linear(32, TYPISTS)

    def forward(self, x):
        _, (h, _) = self.lstm(x)
        return self.dense(h.squeeze(0))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    habits = rng.normal(0, 0.8, (TYPISTS, 8))
    x, y = strokes(rng, 320, habits)
    x_test, y_test = strokes(rng, 80, habits)
    mean, std = x.mean((0, 1)), x.std((0, 1))
    x, x_test = (x - mean) / std, (x_test - mean) / std

    loader = DataLoader(TensorDataset(torch.from_numpy(x), torch.from_numpy(y)), batch_size=32, shuffle=not sick)
    model = RhythmLSTM()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(6):
        for xb, yb in loader:
            loss = criterion(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})

    with torch.no_grad():
        guess = model(torch.from_numpy(x_test)).argmax(1).numpy()
    return float((guess == y_test).mean())


PROGRAM = Program(train, causes=("unshuffled_data",))
