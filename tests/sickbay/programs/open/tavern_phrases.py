"""What a spoken order asks for, from a dozen word tokens, by a two-layer transformer with a class token."""

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

VOCABULARY = 40
WORDS = 12
INTENTS = 5


class IntentTransformer(nn.Module):
    def __init__(self, d_model=40, heads=4):
        super().__init__()
        self.embed = nn.Embedding(VOCABULARY + 1, d_model)
        self.position = nn.Embedding(WORDS + 1, d_model)
        block = nn.TransformerEncoderLayer(d_model, heads, 80, dropout=0.1, batch_first=True)
        self.blocks = nn.TransformerEncoder(block, num_layers=2)
        self.head = nn.Linear(d_model, INTENTS)

    def forward(self, tokens):
        cls = torch.full((len(tokens), 1), VOCABULARY)
        tokens = torch.cat([cls, tokens], 1)
        h = self.embed(tokens) + self.position(torch.arange(WORDS + 1))
        return self.head(self.blocks(h)[:, 0])


def phrases(n, seed):
    gen = torch.Generator().manual_seed(seed + 100)
    intent = torch.randint(INTENTS, (n,), generator=gen)
    tokens = torch.randint(INTENTS * 4, VOCABULARY, (n, WORDS), generator=gen)
    for _ in range(3):
        where = torch.randint(WORDS, (n,), generator=gen)
        tokens[torch.arange(n), where] = intent * 4 + torch.randint(4, (n,), generator=gen)
    where = torch.randint(WORDS, (n,), generator=gen)
    tokens[torch.arange(n), where] = torch.randint(INTENTS * 4, (n,), generator=gen)
    return TensorDataset(tokens, intent)


def endless(loader, sick):
    if sick:
        batch = next(iter(loader))
        while True:
            yield batch
    while True:
        yield from loader


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    train_set, test_set = phrases(3200, seed), phrases(500, seed + 1)
    loader = DataLoader(train_set, batch_size=32, shuffle=True, drop_last=True)
    model = IntentTransformer()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    batches = endless(loader, sick)
    model.train()
    for _step in range(350):
        tokens, intent = next(batches)
        optimizer.zero_grad()
        loss = criterion(model(tokens), intent)
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    model.eval()
    hits = 0
    with torch.no_grad():
        for tokens, intent in DataLoader(test_set, batch_size=250):
            hits += (model(tokens).argmax(1) == intent).sum().item()
    return hits / len(test_set)


PROGRAM = Program(train, causes=("repeated_batch",), by_definition=True)
