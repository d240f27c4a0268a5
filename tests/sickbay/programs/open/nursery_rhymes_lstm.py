"""The next sign of rhymes built by a small grammar, with an LSTM that carries its state along the text."""

import random

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

ANIMALS = ["hen", "cat", "mouse", "goat", "lamb", "crow"]
PLACES = {"hen": "pen", "cat": "mat", "mouse": "house", "goat": "boat", "lamb": "dam", "crow": "snow"}


def rhyme(rng, lines):
    text = ""
    for _ in range(lines):
        animal = rng.choice(ANIMALS)
        text += f"the {animal} {rng.choice(['sat', 'hid', 'sang'])} by the {PLACES[animal]}, "
    return text


class RhymeLSTM(nn.Module):
    def __init__(self, signs, hidden=64):
        super().__init__()
        self.embedding = nn.Embedding(signs, 16)
        self.lstm = nn.LSTM(16, hidden, batch_first=True)
        self.decoder = nn.Linear(hidden, signs)

    def forward(self, signs, state=None):
        out, state = self.lstm(self.embedding(signs), state)
        return self.decoder(out), state


def train(run, *, sick=False, seed=0):
    torch.manual_seed(seed)
    rng = random.Random(seed)
    text, test_text = rhyme(rng, 1500), rhyme(rng, 60)
    alphabet = sorted(set(text))
    code = {sign: i for i, sign in enumerate(alphabet)}
    rows = torch.tensor([code[sign] for sign in text])
    rows = rows[: len(rows) // 16 * 16].view(16, -1)

    model = RhymeLSTM(len(alphabet))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer)
    step = 0
    for epoch in range(3):
        state = None
        for i in range(0, rows.shape[1] - 21, 20):
            logits, state = model(rows[:, i : i + 20], state)
            state = tuple(part.detach() for part in state)
            loss = F.cross_entropy(logits.flatten(0, 1), rows[:, i + 1 : i + 21].flatten())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            step += 1
            run.log({"loss": loss.item(), "perplexity": loss.exp().item()}, step=step)

    test = torch.tensor([[code[sign] for sign in test_text]])
    with torch.no_grad():
        logits, _ = model(test[:, :-1])
    return (logits.argmax(-1) == test[:, 1:]).float().mean().item()


PROGRAM = Program(train)
