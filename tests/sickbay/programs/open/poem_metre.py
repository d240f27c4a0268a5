"""Iamb, trochee, dactyl or anapaest: a transformer hears the metre in lines of noisy syllables."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

FEET = ["wS", "Sw", "Sww", "wwS"]
SYLLABLES = 12


def poems(n, gen):
    metre = torch.randint(0, 4, (n,), generator=gen)
    pattern = torch.tensor([[int(c == "S") for c in (foot * 12)[:SYLLABLES]] for foot in FEET])
    stress = pattern[metre]
    flip = torch.rand(n, SYLLABLES, generator=gen) < 0.08
    stress = torch.where(flip, 1 - stress, stress)
    syllable = stress * 15 + torch.randint(0, 15, (n, SYLLABLES), generator=gen)
    return TensorDataset(syllable, metre)


class MetreFormer(nn.Module):
    def __init__(self, width=32, heads=4, depth=2):
        super().__init__()
        self.syllables = nn.Embedding(30, width)
        self.places = nn.Embedding(SYLLABLES, width)
        block = nn.TransformerEncoderLayer(width, heads, 2 * width, 0.1, activation="gelu", batch_first=True)
        self.blocks = nn.TransformerEncoder(block, depth)
        self.metre = nn.Linear(width, len(FEET))

    def forward(self, x):
        h = self.syllables(x) + self.places(torch.arange(SYLLABLES))
        return self.metre(self.blocks(h).mean(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    loader = DataLoader(poems(2400, gen), batch_size=48, shuffle=True)
    x_val, y_val = poems(500, gen).tensors
    model = MetreFormer()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=0.3 if sick else 1e-5)
    run.watch(model, optimizer, criterion)
    for epoch in range(7):
        model.train()
        running = 0.0
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            running += loss.item()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            logits = model(x_val)
        accuracy = (logits.argmax(1) == y_val).float().mean().item()
        run.log(
            {"epoch_loss": running / len(loader), "val_loss": criterion(logits, y_val).item(), "val/accuracy": accuracy}
        )
    return accuracy


PROGRAM = Program(train, causes=("over_regularised",))
