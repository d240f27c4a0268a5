"""Spam or not, by the words in it: a binary classifier from a forum post."""

import torch
import torch.nn as nn

from ...program import Program


class SpamNet(nn.Module):
    def __init__(self, squash):
        super().__init__()
        self.fc1 = nn.Linear(60, 300)
        self.fc2 = nn.Linear(300, 1)
        self.sigmoid = nn.Sigmoid()
        self.squash = squash

    def forward(self, x):
        x = self.fc2(torch.relu(self.fc1(x)))
        return self.sigmoid(x) if self.squash else x


def train(run, *, sick, seed):
    g = torch.Generator().manual_seed(seed)
    spam = (torch.rand(3000, generator=g) < 0.3).float()
    ham_rate, spam_rate = torch.rand(2, 60, generator=g) * 0.5
    counts = torch.poisson(torch.where(spam[:, None] > 0, spam_rate, ham_rate), generator=g)
    x = (counts - counts.mean(0)) / counts.std(0)
    model = SpamNet(squash=sick)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    run.watch(model, optimizer, criterion)
    for epoch in range(9):
        for i in torch.randperm(2400, generator=g).split(40):
            optimizer.zero_grad()
            out = model(x[i])
            loss = criterion(out, spam[i].unsqueeze(1))
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    with torch.no_grad():
        out = model(x[2400:]).squeeze(1)
        guess = torch.round(torch.sigmoid(out))  # as in the post
    hits = ((guess == 1) & (spam[2400:] == 1)).sum().item()
    return 2 * hits / max(1, (guess.sum() + spam[2400:].sum()).item())


PROGRAM = Program(train, causes=("loss_output_mismatch",), by_definition=True)
