"""Which desk a passenger's complaint belongs to, by an embedding bag over its words."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

from ...program import Program

VOCAB, DESKS = 500, 5


class Complaints(torch.utils.data.Dataset):
    def __init__(self, n, rng, word_odds):
        self.rows = []
        for _ in range(n):
            desk = int(rng.integers(DESKS))
            length = int(rng.integers(8, 30))
            words = rng.choice(VOCAB, size=length, p=word_odds[desk])
            self.rows.append((torch.from_numpy(words), desk))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


def collate(batch):
    texts, labels, offsets = [], [], [0]
    for words, desk in batch:
        texts.append(words)
        labels.append(desk)
        offsets.append(len(words))
    return torch.cat(texts), torch.tensor(offsets[:-1]).cumsum(0), torch.tensor(labels)


class TextClassifier(nn.Module):
    def __init__(self, vocab_size, embed_dim, num_class):
        super().__init__()
        self.embedding = nn.EmbeddingBag(vocab_size, embed_dim, mode="mean")
        self.fc = nn.Linear(embed_dim, num_class)

    def forward(self, text, offsets):
        return self.fc(self.embedding(text, offsets))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    common = rng.dirichlet(np.full(VOCAB, 0.5))
    word_odds = 0.5 * common + 0.5 * rng.dirichlet(np.full(VOCAB, 0.1), size=DESKS)
    train_loader = DataLoader(Complaints(4000, rng, word_odds), batch_size=64, shuffle=True, collate_fn=collate)
    test_loader = DataLoader(Complaints(1000, rng, word_odds), batch_size=250, collate_fn=collate)

    model = TextClassifier(VOCAB, 32, DESKS)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, optimizer, criterion)
    step, acc = 0, 0.0
    for epoch in range(5):
        model.train()
        for text, offsets, label in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(text, offsets), label)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            step += 1
            if step % 5 == 0:
                run.log({"loss": loss.item()}, step=step)
        model.eval()
        right, seen, total_loss = 0, 0, 0.0
        with torch.no_grad():
            for text, offsets, label in test_loader:
                out = model(text, offsets)
                right += (out.argmax(1) == label).sum().item()
                total_loss += criterion(out, label).item() * len(label)
                seen += len(label)
        acc = right / seen
        run.log({"val_loss": total_loss / seen, "val_acc": acc}, step=step)
    return acc


PROGRAM = Program(train)
