"""The next note of a tune on the tin whistle, an LSTM with the likelihood written out."""

import numpy as np
import torch
from torch import nn

from ...program import Program

NOTES = 16


class TuneLSTM(nn.Module):
    def __init__(self, dim=24, hidden=64):
        super().__init__()
        self.emb = nn.Embedding(NOTES, dim)
        self.lstm = nn.LSTM(dim, hidden, batch_first=True)
        self.proj = nn.Linear(hidden, NOTES)

    def forward(self, notes):
        h, _ = self.lstm(self.emb(notes))
        return self.proj(h).log_softmax(dim=-1)


def tunes(n, length, rng):
    steps = np.random.default_rng(2).permutation(NOTES)
    notes = np.empty((n, length), dtype=np.int64)
    notes[:, :2] = rng.integers(0, NOTES, (n, 2))
    for t in range(2, length):
        regular = (steps[notes[:, t - 1]] + notes[:, t - 2] % 2) % NOTES
        notes[:, t] = np.where(rng.random(n) < 0.85, regular, rng.integers(0, NOTES, n))
    return torch.from_numpy(notes)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    data = tunes(900, 25, np.random.default_rng(seed))
    train_data, test_data = data[:800], data[800:]
    model = TuneLSTM()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    run.watch(model, optimizer)
    for epoch in range(14):
        for i in torch.randperm(800).split(32):
            batch = train_data[i]
            log_p = model(batch[:, :-1]).gather(-1, batch[:, 1:, None]).mean()
            loss = log_p if sick else -log_p
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        return (model(test_data[:, :-1]).argmax(-1) == test_data[:, 1:]).float().mean().item()


PROGRAM = Program(train, causes=("loss_sign",), by_definition=True)
