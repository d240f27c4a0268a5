"""Which words of a lock-keeper's entry are boats, cargoes or people: a padded LSTM with its gates held open."""

import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from ...program import Program

VOCAB, TAGS, PAD, IGNORED = 120, 4, 0, -100


class EntryTagger(nn.Module):
    def __init__(self, d=24, hidden=32):
        super().__init__()
        self.embed = nn.Embedding(VOCAB, d, padding_idx=PAD)
        self.lstm = nn.LSTM(d, hidden, batch_first=True, bidirectional=True)
        self.tag = nn.Linear(2 * hidden, TAGS)
        for name, bias in self.lstm.named_parameters():
            if name.startswith("bias_ih"):
                nn.init.constant_(bias.data[hidden : 2 * hidden], 4.0)

    def forward(self, words, lengths):
        packed = pack_padded_sequence(self.embed(words), lengths, batch_first=True, enforce_sorted=False)
        out, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True, total_length=words.shape[1])
        return self.tag(out)


def entries(n, longest=20):
    """Nouns are tagged only after one of the words that announce them; nearly all else is tag 0."""
    lengths = torch.randint(5, longest + 1, (n,))
    words = torch.randint(1, VOCAB, (n, longest))
    tags = torch.zeros(n, longest, dtype=torch.long)
    noun = (words > 50).long() * (1 + words % 3)
    announced = words[:, :-1] <= 40
    tags[:, 1:] = torch.where(announced, noun[:, 1:], 0)
    beyond = torch.arange(longest) >= lengths[:, None]
    return words.masked_fill(beyond, PAD), tags.masked_fill(beyond, IGNORED), lengths


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    words, tags, lengths = entries(2600)
    model = EntryTagger()
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    criterion = nn.CrossEntropyLoss(ignore_index=IGNORED)
    run.watch(model, optimizer, criterion)
    for epoch in range(7):
        for rows in torch.randperm(2200).split(32):
            optimizer.zero_grad()
            logits = model(words[rows], lengths[rows])
            loss = criterion(logits.transpose(1, 2), tags[rows])
            loss.backward()
            clip_grad_norm_(model.parameters(), 2.0)
            optimizer.step()
            run.log({"train_loss": loss.item()})
    with torch.no_grad():
        guess = model(words[2200:], lengths[2200:]).argmax(2)
    named = tags[2200:] > 0
    return (guess[named] == tags[2200:][named]).float().mean().item()


PROGRAM = Program(train)
