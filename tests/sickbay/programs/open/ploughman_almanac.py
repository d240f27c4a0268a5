"""Tags each word of a ploughman's almanac by its part in the sentence, by a bidirectional LSTM."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from ...program import Program

VOCAB, TAGS, PAD = 80, 5, -100


def sentence(g):
    n = int(torch.randint(4, 22, (1,), generator=g))
    words = torch.randint(1, VOCAB, (n,), generator=g)
    before = torch.cat([words.new_zeros(1), words[:-1]])
    after = torch.cat([words[1:], words.new_zeros(1)])
    tags = torch.where(before % 4 == 1, (words + 1) % TAGS, words % TAGS)
    tags = torch.where(after % 9 == 2, torch.full_like(tags, 4), tags)
    return words, tags


def batches_by_length(data, size, g=None):
    data = sorted(data, key=lambda pair: len(pair[0]))
    groups = [data[i : i + size] for i in range(0, len(data), size)]
    order = torch.randperm(len(groups), generator=g) if g is not None else range(len(groups))
    for i in order:
        words, tags = zip(*groups[i])
        yield (
            pad_sequence(words, batch_first=True),
            pad_sequence(tags, batch_first=True, padding_value=PAD),
            torch.tensor([len(w) for w in words]),
        )


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, 32, padding_idx=0)
        self.lstm = nn.LSTM(32, 48, batch_first=True, bidirectional=True)
        self.out = nn.Linear(96, TAGS)
        for name, p in self.lstm.named_parameters():
            if "bias_ih" in name:
                with torch.no_grad():
                    p[48:96] = 1.0
            elif "weight_hh" in name:
                nn.init.orthogonal_(p)

    def forward(self, words, lengths):
        packed = pack_padded_sequence(self.emb(words), lengths, batch_first=True, enforce_sorted=False)
        h, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.out(h)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    data = [sentence(g) for _ in range(1800)]
    held = [sentence(g) for _ in range(300)]

    model = Tagger()
    criterion = nn.CrossEntropyLoss(ignore_index=PAD)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer, criterion)

    step = 0
    for epoch in range(8):
        model.train()
        for words, tags, lengths in batches_by_length(data, 40, g):
            optimizer.zero_grad()
            loss = criterion(model(words, lengths).flatten(0, 1), tags.flatten())
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            run.log({"loss": loss.item()}, step=step)
            step += 1

    model.eval()
    right = total = 0
    with torch.no_grad():
        for words, tags, lengths in batches_by_length(held, 40):
            keep = tags != PAD
            right += (model(words, lengths).argmax(-1) == tags)[keep].sum().item()
            total += keep.sum().item()
    return right / total


PROGRAM = Program(train)
