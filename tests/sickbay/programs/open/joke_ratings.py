"""Attention over the words of a joke guesses which of twenty comedians told it."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

COMEDIANS, WORDS, SLOTS = 20, 160, 16


def jokes(n, gen):
    who = torch.randint(COMEDIANS, (n,), generator=gen)
    x = torch.randint(100, WORDS, (n, SLOTS), generator=gen)
    pet = who[:, None] * 5 + torch.randint(5, (n, SLOTS), generator=gen)
    stolen = torch.randint(100, (n, SLOTS), generator=gen)
    u = torch.rand(n, SLOTS, generator=gen)
    x = torch.where(u < 0.3, pet, x)
    x = torch.where(u > 0.9, stolen, x)
    return TensorDataset(x, who)


class JokeReader(nn.Module):
    def __init__(self, sick, dim=40):
        super().__init__()
        self.embedding = nn.Embedding(WORDS, dim)
        self.attention = nn.MultiheadAttention(dim, 4, batch_first=True)
        self.norm = nn.LayerNorm(dim)
        self.classifier = nn.Sequential(nn.Linear(dim, 64), nn.ReLU(), nn.Linear(64, COMEDIANS))
        if sick:
            self.classifier.append(nn.Softmax(dim=1))

    def forward(self, x):
        e = self.embedding(x)
        a, _ = self.attention(e, e, e, need_weights=False)
        return self.classifier(self.norm(e + a).mean(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    train_loader = DataLoader(jokes(4000, gen), batch_size=64, shuffle=True)
    test_loader = DataLoader(jokes(600, gen), batch_size=200)
    model = JokeReader(sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    run.watch(model, optimizer, criterion)
    for epoch in range(7):
        model.train()
        for words, who in train_loader:
            loss = criterion(model(words), who)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        right = total = 0
        with torch.no_grad():
            for words, who in test_loader:
                right += (model(words).argmax(1) == who).sum().item()
                total += len(who)
        run.log({"val/accuracy": right / total})
    return right / total


PROGRAM = Program(train, causes=("loss_output_mismatch",), by_definition=True)
