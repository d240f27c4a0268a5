"""The official name tutorial in small: one word per step through a hand-made RNN, with a cyclic rate."""

import numpy as np
import torch
from torch import nn

from ...program import Program

SOUNDS = {
    "north": ("sk", "nd", "ol", "gr", "ar"),
    "south": ("io", "lla", "to", "re", "na"),
    "east": ("ko", "shi", "yu", "ma", "ka"),
}
ALPHABET = "abcdefghijklmnopqrstuvwxyz"


class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.i2h = nn.Linear(input_size + hidden_size, hidden_size)
        self.h2o = nn.Linear(hidden_size, output_size)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, word):
        hidden = torch.zeros(1, self.hidden_size)
        for letter in word:
            hidden = torch.tanh(self.i2h(torch.cat((letter.unsqueeze(0), hidden), 1)))
        return self.softmax(self.h2o(hidden))


def draw(rng):
    c = int(rng.integers(3))
    parts = list(SOUNDS.values())[c]
    word = "".join(rng.choice(parts, 3))
    letters = [ALPHABET.index(ch) if rng.random() > 0.05 else int(rng.integers(26)) for ch in word]
    return nn.functional.one_hot(torch.tensor(letters), 26).float(), torch.tensor([c])


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    rnn = RNN(26, 48, 3)
    criterion = nn.NLLLoss()
    optimizer = torch.optim.SGD(rnn.parameters(), lr=0.01)
    scheduler = torch.optim.lr_scheduler.CyclicLR(
        optimizer, base_lr=0.01, max_lr=0.06, step_size_up=60, cycle_momentum=False
    )
    run.watch(rnn, optimizer, criterion)
    for it in range(800):
        word, label = draw(rng)
        loss = criterion(rnn(word), label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        run.log({"loss": loss.item()})
    with torch.no_grad():
        return float(np.mean([rnn(w).argmax().item() == c.item() for w, c in (draw(rng) for _ in range(300))]))


PROGRAM = Program(train)
