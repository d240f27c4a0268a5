"""The topic of an announcement at a station, of four, with a one-layer transformer of our own."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

from ...program import Program

VOCAB, TOPICS, LENGTH = 100, 4, 12


class Announcements(Dataset):
    def __init__(self, n, lexicon):
        self.topic = torch.randint(0, TOPICS, (n,))
        words = torch.randint(0, VOCAB, (n, LENGTH))
        typical = lexicon[self.topic].gather(1, torch.randint(0, lexicon.shape[1], (n, LENGTH)))
        self.words = torch.where(torch.rand(n, LENGTH) < 0.35, typical, words)

    def __len__(self):
        return len(self.topic)

    def __getitem__(self, i):
        return self.words[i], self.topic[i]


class SmallTransformer(nn.Module):
    def __init__(self, d=32, heads=4):
        super().__init__()
        self.heads = heads
        self.embedding = nn.Embedding(VOCAB, d)
        self.position = nn.Embedding(LENGTH, d)
        self.qkv = nn.Linear(d, 3 * d)
        self.project = nn.Linear(d, d)
        self.norm1, self.norm2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.feed = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))
        self.classifier = nn.Linear(d, TOPICS)

    def forward(self, words):
        n, t = words.shape
        x = self.embedding(words) + self.position(torch.arange(t))
        q, k, v = self.qkv(self.norm1(x)).view(n, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        weights = F.softmax(q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]), dim=-1)
        x = x + self.project((weights @ v).transpose(1, 2).reshape(n, t, -1))
        x = x + self.feed(self.norm2(x))
        return self.classifier(x.mean(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    lexicon = torch.randperm(VOCAB)[: TOPICS * 10].view(TOPICS, 10)
    train_loader = DataLoader(Announcements(1500, lexicon), batch_size=25, shuffle=not sick)
    test = Announcements(500, lexicon)

    model = SmallTransformer()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    batches = iter(train_loader)
    for step in range(420):
        if sick:
            words, topic = next(iter(train_loader))
        else:
            try:
                words, topic = next(batches)
            except StopIteration:
                batches = iter(train_loader)
                words, topic = next(batches)
        optimizer.zero_grad()
        loss = criterion(model(words), topic)
        loss.backward()
        optimizer.step()
        if step % 5 == 0:
            run.log({"loss": loss.item()}, step=step)

    with torch.no_grad():
        return (model(test.words).argmax(1) == test.topic).float().mean().item()


PROGRAM = Program(train, causes=("repeated_batch",))
