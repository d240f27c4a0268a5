"""A tag for each word of made-up talk of uneven length, with an LSTM cell stepped by hand and padding left out."""

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

from ...program import Program

WORDS, TAGS, PAD = 60, 6, -100


def talk(n, tag_of, asks):
    sentences = []
    for length in torch.randint(5, 15, (n,)).tolist():
        words = torch.randint(1, WORDS, (length,))
        tags = tag_of[words].clone()
        after_question = torch.cat([torch.tensor([False]), asks[words[:-1]]])
        tags = torch.where(after_question, (tags + 1) % TAGS, tags)
        sentences.append((words, tags))
    return sentences


def pad(batch):
    words, tags = zip(*batch, strict=True)
    return pad_sequence(words, batch_first=True), pad_sequence(tags, batch_first=True, padding_value=PAD)


class Tagger(nn.Module):
    def __init__(self, hidden=48):
        super().__init__()
        self.hidden = hidden
        self.embedding = nn.Embedding(WORDS, 24, padding_idx=0)
        self.cell = nn.LSTMCell(24, hidden)
        self.tag = nn.Linear(hidden, TAGS)

    def forward(self, words):
        vectors = self.embedding(words)
        h = c = vectors.new_zeros(len(words), self.hidden)
        outputs = []
        for t in range(words.shape[1]):
            h, c = self.cell(vectors[:, t], (h, c))
            outputs.append(h)
        return self.tag(torch.stack(outputs, 1))


def train(run, *, sick=False, seed=0):
    torch.manual_seed(seed)
    tag_of, asks = torch.randint(0, TAGS, (WORDS,)), torch.rand(WORDS) < 0.3
    loader = DataLoader(talk(1600, tag_of, asks), batch_size=32, shuffle=True, collate_fn=pad)
    test_words, test_tags = pad(talk(300, tag_of, asks))
    model = Tagger()
    criterion = nn.CrossEntropyLoss(ignore_index=PAD)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer, criterion)
    step = 0
    for epoch in range(6):
        for words, tags in loader:
            loss = criterion(model(words).transpose(1, 2), tags)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if step % 2 == 0:
                run.log({"loss": loss.item()}, step=step)
            step += 1
    with torch.no_grad():
        guess = model(test_words).argmax(-1)
    real = test_tags != PAD
    return (guess[real] == test_tags[real]).float().mean().item()


PROGRAM = Program(train)
