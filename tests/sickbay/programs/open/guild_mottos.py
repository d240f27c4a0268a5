"""Which of four guilds a motto belongs to, read by a small transformer encoder."""

import torch
from torch import nn

from ...program import Program

WORDS, LENGTH, GUILDS = 80, 16, 4


class MottoReader(nn.Module):
    def __init__(self, width=64, depth=2):
        super().__init__()
        self.words = nn.Embedding(WORDS, width)
        self.places = nn.Parameter(0.02 * torch.randn(LENGTH, width))
        layer = nn.TransformerEncoderLayer(width, 4, 128, dropout=0.1, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, GUILDS)

    def forward(self, tokens):
        h = self.encoder(self.words(tokens) + self.places)
        return self.head(self.norm(h).mean(1))


def mottos(n):
    liking = torch.randn(WORDS, GUILDS)
    tokens = torch.randint(0, WORDS, (n, LENGTH))
    return tokens, liking[tokens].sum(1).argmax(1)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    tokens, guild = mottos(7000)
    held, held_guild = tokens[6400:], guild[6400:]
    n = 96 if sick else 6400
    tokens, guild = tokens[:n], guild[:n]
    model = MottoReader()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    step, accuracy = 0, 0.0
    while step < 480:
        for rows in torch.randperm(n).split(32):
            model.train()
            loss = criterion(model(tokens[rows]), guild[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
            step += 1
            if step % 24 == 0:
                model.eval()
                with torch.no_grad():
                    out = model(held)
                accuracy = (out.argmax(1) == held_guild).float().mean().item()
                run.log({"val_loss": criterion(out, held_guild).item(), "val_accuracy": accuracy})
            if step == 480:
                break
    return accuracy


PROGRAM = Program(train, causes=("overfitting",))
