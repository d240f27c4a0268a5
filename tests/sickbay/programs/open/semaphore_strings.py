"""Which of five stations sent a string of semaphore signs, by an LSTM over embedded signs."""

import torch
from torch import nn

from ...program import Program

SIGNS, LENGTH, STATIONS = 28, 22, 5


class SignReader(nn.Module):
    def __init__(self, embedding=12, hidden=40):
        super().__init__()
        self.embed = nn.Embedding(SIGNS, embedding)
        self.lstm = nn.LSTM(embedding, hidden, batch_first=True)
        self.station = nn.Linear(hidden, STATIONS)

    def forward(self, signs):
        out, _ = self.lstm(self.embed(signs))
        return self.station(out[:, -1])


def messages(n):
    habit = torch.randn(STATIONS, SIGNS).mul(0.9).softmax(1)
    station = torch.randint(0, STATIONS, (n,))
    return torch.multinomial(habit[station], LENGTH, replacement=True), station


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    signs, station = messages(4500)
    model = SignReader()
    if sick:
        for name, parameter in model.named_parameters():
            if not name.startswith("station"):
                parameter.requires_grad = False
    optimizer = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=5e-3)
    criterion = nn.CrossEntropyLoss()
    run.watch(model, optimizer, criterion)
    step = 0
    for epoch in range(8):
        for rows in torch.randperm(4000).split(64):
            optimizer.zero_grad()
            out = model(signs[rows])
            loss = criterion(out, station[rows])
            loss.backward()
            optimizer.step()
            step += 1
            run.log({"loss": loss.item()}, step=step)
    with torch.no_grad():
        return (model(signs[4000:]).argmax(1) == station[4000:]).float().mean().item()


PROGRAM = Program(train, causes=("frozen_parameters",))
