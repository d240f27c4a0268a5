"""Which of eight phrases a parrot is repeating, from its syllables, with a GRU initialised by hand."""

import torch
import torch.nn as nn

from ...program import Program

SYLLABLES = 20


def phrases(n, patterns, g):
    which = torch.randint(0, len(patterns), (n,), generator=g)
    x = patterns[which].clone()
    slip = torch.rand(x.shape, generator=g) < 0.3
    x[slip] = torch.randint(0, SYLLABLES, (int(slip.sum()),), generator=g)
    return x, which


class ParrotGRU(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(SYLLABLES, 16)
        self.gru = nn.GRU(16, 48, batch_first=True)
        self.decoder = nn.Linear(48, 8)

    def forward(self, x):
        _, h = self.gru(self.embedding(x))
        return self.decoder(h[-1])


def init_weights(model, sick):
    for name, p in model.named_parameters():
        if sick:
            nn.init.constant_(p, 0.05)
        elif "bias" in name:
            nn.init.zeros_(p)
        elif "weight_hh" in name:
            for gate in p.data.chunk(3, 0):
                nn.init.orthogonal_(gate)
        else:
            nn.init.xavier_uniform_(p)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    patterns = torch.stack([torch.randperm(SYLLABLES, generator=g)[:10] for _ in range(8)])
    x_test, y_test = phrases(600, patterns, g)
    model = ParrotGRU()
    init_weights(model, sick)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    run.watch(model, optimizer, criterion)
    for it in range(450):
        x, y = phrases(64, patterns, g)
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        run.log({"loss": loss.item(), "iter": it})
    model.eval()
    with torch.no_grad():
        return (model(x_test).argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("bad_initialisation",))
