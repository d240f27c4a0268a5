"""Next-word prediction over a little grammar; input and output embeddings are one matrix, labels are smoothed."""

import torch
from torch import nn

from ...program import Program

WORDS = 40


class TiedLM(nn.Module):
    def __init__(self, dim=48, hidden=80):
        super().__init__()
        self.encoder = nn.Embedding(WORDS, dim)
        self.rnn = nn.LSTM(dim, hidden, batch_first=True)
        self.project = nn.Linear(hidden, dim)
        self.decoder = nn.Linear(dim, WORDS)
        self.decoder.weight = self.encoder.weight
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, tokens, state=None):
        h, state = self.rnn(self.encoder(tokens), state)
        return self.decoder(self.project(h)), state


def corpus(length, follow, start):
    text = [start, (start + 7) % WORDS]
    dice = torch.rand(length)
    anywhere = torch.randint(0, WORDS, (length,))
    for i in range(length):
        a, b = text[-2], text[-1]
        text.append(int(follow[a % 2, b]) if dice[i] < 0.9 else int(anywhere[i]))
    return torch.tensor(text)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    follow = torch.stack([torch.randperm(WORDS) for _ in range(2)])
    lanes = torch.stack([corpus(1200, follow, s) for s in range(16)])
    test = torch.stack([corpus(200, follow, s) for s in range(8)])

    model = TiedLM()
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=6e-3)
    bptt, epochs = 24, 9
    chunks = (lanes.shape[1] - 1) // bptt
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * chunks)
    run.watch(model, optimizer, criterion)
    for epoch in range(epochs):
        state = None
        for k in range(chunks):
            x = lanes[:, k * bptt : (k + 1) * bptt]
            y = lanes[:, k * bptt + 1 : (k + 1) * bptt + 1]
            if state is not None:
                state = tuple(s.detach() for s in state)
            logits, state = model(x, state)
            loss = criterion(logits.flatten(0, 1), y.flatten())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            logits, _ = model(test[:, :-1])
            val = nn.functional.cross_entropy(logits.flatten(0, 1), test[:, 1:].flatten())
        run.log({"val_loss": val.item(), "val_ppl": val.exp().item()})
    with torch.no_grad():
        logits, _ = model(test[:, :-1])
        return (logits.argmax(-1) == test[:, 1:]).float()[:, 2:].mean().item()


PROGRAM = Program(train)
