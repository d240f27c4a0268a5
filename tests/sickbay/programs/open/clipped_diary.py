"""A GRU guesses the next letter of a diary of a few syllables; its gradients are clipped at most steps."""

import torch
from torch import nn

from ...program import Program


class Letters(nn.Module):
    def __init__(self, vocab):
        super().__init__()
        self.embedding = nn.Embedding(vocab, 16)
        self.gru = nn.GRU(16, 48, batch_first=True)
        self.out = nn.Linear(48, vocab)

    def forward(self, x):
        h, _ = self.gru(self.embedding(x))
        return self.out(h)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    words = ["rain ", "sun ", "cold ", "walked ", "slept ", "bread ", "letter ", "garden "]
    picks = torch.randint(0, len(words), (4000,)).tolist()
    text = "".join(words[k] for k in picks)
    letters = sorted(set(text))
    ids = torch.tensor([letters.index(c) for c in text])
    train_ids, test_ids = ids[:-2050], ids[-2050:]
    model = Letters(len(letters))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0, momentum=0.9)
    run.watch(model, optimizer, criterion)
    for step in range(400):
        at = torch.randint(0, len(train_ids) - 25, (24,))
        chunk = torch.stack([train_ids[a : a + 25] for a in at])
        logits = model(chunk[:, :-1])
        loss = criterion(logits.flatten(0, 1), chunk[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), 0.25)
        optimizer.step()
        run.log({"loss": loss.item(), "grad_norm": norm.item()})
    with torch.no_grad():
        x = test_ids[:2048].view(32, 64)
        return (model(x[:, :-1]).argmax(-1) == x[:, 1:]).float().mean().item()


PROGRAM = Program(train)
