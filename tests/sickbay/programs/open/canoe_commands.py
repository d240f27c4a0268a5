"""Calls of a canoe's steersman, of any length, by a bidirectional LSTM on packed sequences."""

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

from ...program import Program

SYLLABLES = 15
CALLS = 6


def make_calls(count, gen):
    calls = []
    for _ in range(count):
        kind = int(torch.randint(CALLS, (1,), generator=gen))
        length = int(torch.randint(6, 22, (1,), generator=gen))
        word = torch.randint(6, SYLLABLES, (length,), generator=gen) + 1
        at = int(torch.randint(length - 3, (1,), generator=gen))
        first, second = ((0, 1), (1, 0), (2, 3), (3, 2), (4, 5), (5, 4))[kind]
        word[at], word[at + 2] = first + 1, second + 1
        calls.append((word, kind))
    return calls


def collate(calls):
    words = [word for word, _ in calls]
    lengths = torch.tensor([len(word) for word in words])
    return pad_sequence(words, batch_first=True), lengths, torch.tensor([kind for _, kind in calls])


class CallTagger(nn.Module):
    def __init__(self, hidden=48):
        super().__init__()
        self.embed = nn.Embedding(SYLLABLES + 1, 24, padding_idx=0)
        self.lstm = nn.LSTM(24, hidden, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * hidden, CALLS)
        for name, p in self.lstm.named_parameters():
            if "weight_hh" in name:
                for part in p.data.chunk(4):
                    nn.init.orthogonal_(part)
            elif "bias_ih" in name:
                p.data[hidden : 2 * hidden] = 1.0

    def forward(self, words, lengths):
        packed = pack_padded_sequence(self.embed(words), lengths, batch_first=True, enforce_sorted=False)
        _, (h, _) = self.lstm(packed)
        return self.fc(torch.cat([h[0], h[1]], 1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    calls = make_calls(3300, gen)
    fit, held = calls[:2800], calls[2800:]
    model = CallTagger()
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=528)
    run.watch(model, optimizer, criterion)
    for _epoch in range(6):
        order = torch.randperm(len(fit), generator=gen).tolist()
        for i in range(0, len(fit), 32):
            words, lengths, kind = collate([fit[j] for j in order[i : i + 32]])
            optimizer.zero_grad()
            loss = criterion(model(words, lengths), kind)
            loss.backward()
            norm = nn.utils.clip_grad_norm_(model.parameters(), 2.0)
            optimizer.step()
            scheduler.step()
            run.log({"loss": loss.item(), "grad_norm": norm.item()})
    with torch.no_grad():
        words, lengths, kind = collate(held)
        return (model(words, lengths).argmax(1) == kind).float().mean().item()


PROGRAM = Program(train)
