"""Next letter of made-up limericks: a two-layer LSTM, state carried from piece to piece, clipping, warm-up."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from ...program import Program

V = 26


class LetterLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(V, 24)
        self.lstm = nn.LSTM(24, 48, 2, batch_first=True)
        self.out = nn.Linear(48, V)

    def forward(self, ids, state=None):
        h, state = self.lstm(self.embed(ids), state)
        return self.out(h), state


def limericks(rows, length, g):
    fixed = torch.Generator().manual_seed(77)
    follow = torch.stack([torch.randperm(V, generator=fixed) for _ in range(2)])
    text = torch.randint(0, V, (rows, 2), generator=g)
    for _ in range(length - 2):
        which = (text[:, -2] % 2 == 0).long()
        nxt = follow[which, text[:, -1]]
        noise = torch.rand(rows, generator=g) < 0.1
        text = torch.cat([text, torch.where(noise, torch.randint(0, V, (rows,), generator=g), nxt)[:, None]], 1)
    return text


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    text, held_out = limericks(32, 12 * 280 + 1, g), limericks(20, 101, g)
    model = LetterLSTM()
    optimizer = torch.optim.Adam(model.parameters(), lr=8e-3)
    warm = torch.optim.lr_scheduler.LinearLR(optimizer, 0.05, 1.0, total_iters=25)
    run.watch(model, optimizer)
    state = None
    for step in range(280):
        piece = text[:, 12 * step : 12 * step + 13]
        state = None if state is None else tuple(s.detach() for s in state)
        out, state = model(piece[:, :-1], state)
        loss = F.cross_entropy(out.reshape(-1, V), piece[:, 1:].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        warm.step()
        run.log({"loss": loss.item(), "grad_norm": norm.item(), "perplexity": loss.exp().item()})
    with torch.no_grad():
        return (model(held_out[:, :-1])[0].argmax(-1) == held_out[:, 1:])[:, 5:].float().mean().item()


PROGRAM = Program(train)
