"""Topics of short messages with a bag of embeddings; the loader is read by steps, not by epochs."""

import torch
import torch.nn as nn
from torch.utils.data import DataLoader

from ...program import Program


def messages(n, topic_words, g):
    y = torch.randint(6, (n,), generator=g)
    words = torch.multinomial(topic_words[y], 12, replacement=True, generator=g)
    return list(zip(words, y))


class TextClassifier(nn.Module):
    def __init__(self, vocab_size=400, embed_dim=160, num_class=6):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_dim)
        self.fc = nn.Linear(embed_dim, num_class)

    def forward(self, text):
        return self.fc(self.embedding(text).mean(dim=1))


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    topic_words = torch.rand(6, 400, generator=g) ** 3
    dataset = messages(2400, topic_words, g)
    tx, ty = map(torch.stack, zip(*messages(500, topic_words, g)))
    dataloader = DataLoader(dataset, batch_size=32, shuffle=not sick)
    model = TextClassifier()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.004)
    run.watch(model, optimizer, criterion)
    iterator = iter(dataloader)
    for step in range(300):
        if sick:
            text, label = next(iter(dataloader))
        else:
            try:
                text, label = next(iterator)
            except StopIteration:
                iterator = iter(dataloader)
                text, label = next(iterator)
        optimizer.zero_grad()
        loss = criterion(model(text), label)
        loss.backward()
        optimizer.step()
        run.log({"loss": loss})
    with torch.no_grad():
        return (model(tx).argmax(1) == ty).float().mean().item()


PROGRAM = Program(train, causes=("repeated_batch",), by_definition=True)
