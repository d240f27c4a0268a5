"""The language of a holiday postcard from its letters, with embeddings and a pair of 1-D convolutions."""

import torch
import torch.nn.functional as F
from torch import nn

from ...program import Program

ALPHABET, LANGUAGES, LENGTH = 30, 5, 32


class PostcardCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.letters = nn.Embedding(ALPHABET, 16)
        self.narrow = nn.Conv1d(16, 32, 2)
        self.wide = nn.Conv1d(16, 32, 3)
        self.drop = nn.Dropout(0.2)
        self.language = nn.Linear(64, LANGUAGES)

    def forward(self, text):
        e = self.letters(text).transpose(1, 2)
        a = F.relu(self.narrow(e)).amax(dim=2)
        b = F.relu(self.wide(e)).amax(dim=2)
        return self.language(self.drop(torch.cat([a, b], dim=1)))


def postcards(n, g):
    tables = torch.softmax(1.3 * torch.randn(LANGUAGES, ALPHABET, ALPHABET, generator=g), -1)
    language = torch.randint(0, LANGUAGES, (n,), generator=g)
    text = torch.zeros(n, LENGTH, dtype=torch.long)
    text[:, 0] = torch.randint(0, ALPHABET, (n,), generator=g)
    for k in range(1, LENGTH):
        text[:, k] = torch.multinomial(tables[language, text[:, k - 1]], 1, generator=g)[:, 0]
    return text, language


def shuffle(text, language, sick):
    order = torch.randperm(len(text))
    if sick:
        return text[order], language[torch.randperm(len(language))]
    return text[order], language[order]


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    text, language = postcards(3600, torch.Generator().manual_seed(seed))
    test_text, test_language = text[3000:], language[3000:]
    text, language = shuffle(text[:3000], language[:3000], sick)

    model = PostcardCNN()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        model.train()
        hits = 0
        order = torch.randperm(3000)
        for k in range(0, 3000, 48):
            batch = order[k : k + 48]
            logits = model(text[batch])
            loss = criterion(logits, language[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            hits += (logits.argmax(1) == language[batch]).sum().item()
            run.log({"loss": loss.item()})
        run.log({"epoch": epoch, "train_accuracy": hits / 3000})
    model.eval()
    with torch.no_grad():
        return (model(test_text).argmax(1) == test_language).float().mean().item()


PROGRAM = Program(train, causes=("labels_unrelated_to_inputs",))
