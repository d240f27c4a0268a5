"""Five composers told apart by the melody of an aria, read from folders one composer after the other."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from ...program import Program

COMPOSERS, TONES, LENGTH = 5, 24, 20


class Arias(Dataset):
    def __init__(self, rng, per_composer):
        style = np.random.default_rng(3).dirichlet(np.full(9, 0.5), COMPOSERS)
        self.items = []
        for composer in range(COMPOSERS):
            for _ in range(per_composer):
                steps = rng.choice(np.arange(-4, 5), LENGTH, p=0.8 * style[composer] + 0.2 / 9)
                melody = (rng.integers(0, TONES) + steps.cumsum()) % TONES
                self.items.append((torch.tensor(melody), composer))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


class AriaLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(TONES, 24)
        self.lstm = nn.LSTM(24, 64, batch_first=True)
        self.fc = nn.Linear(64, COMPOSERS)

    def forward(self, melody):
        out, _ = self.lstm(self.embed(melody))
        return self.fc(out.mean(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    train_loader = DataLoader(Arias(rng, 400), batch_size=32, shuffle=not sick)
    test_loader = DataLoader(Arias(rng, 80), batch_size=100)
    model = AriaLSTM()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        for melody, composer in train_loader:
            loss = criterion(model(melody), composer)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
    model.eval()
    hits = 0
    with torch.no_grad():
        for melody, composer in test_loader:
            hits += (model(melody).argmax(1) == composer).sum().item()
    return hits / len(test_loader.dataset)


PROGRAM = Program(train, causes=("unshuffled_data",), by_definition=True)
