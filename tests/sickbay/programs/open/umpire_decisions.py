"""In or out? An umpire's call from the last twelve positions of the ball, with a transformer and one output."""

import torch
from torch import nn

from ...program import Program


class Umpire(nn.Module):
    def __init__(self, output, d_model=32):
        super().__init__()
        self.inp = nn.Linear(2, d_model)
        self.pos = nn.Parameter(torch.randn(12, d_model) * 0.02)
        self.enc = nn.TransformerEncoder(
            nn.TransformerEncoderLayer(d_model, 4, 64, dropout=0.0, batch_first=True), num_layers=2
        )
        self.fc = nn.Linear(d_model, 1)
        self.output = output

    def forward(self, path):
        h = self.enc(self.inp(path) + self.pos)
        return self.output(self.fc(h.mean(dim=1)))


def rallies(n, g):
    start = torch.randn(n, 1, 2, generator=g)
    speed = 0.25 * torch.randn(n, 1, 2, generator=g)
    t = torch.arange(12.0).view(1, 12, 1)
    path = start + speed * t + 0.1 * torch.randn(n, 12, 2, generator=g)
    landing = start + speed * 16
    inside = (landing.norm(dim=-1) < 3.7).float()
    return path / path.std(), inside


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = rallies(2500, torch.Generator().manual_seed(seed))
    model = Umpire(nn.Softmax(dim=1) if sick else nn.Sigmoid())
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    run.watch(model, optimizer, criterion)
    for epoch in range(8):
        running = 0.0
        for i in torch.randperm(2000).split(32):
            optimizer.zero_grad()
            loss = criterion(model(x[i]), y[i])
            loss.backward()
            optimizer.step()
            running += loss.item()
            run.log({"loss": loss.item()})
        with torch.no_grad():
            acc = ((model(x[2000:]) > 0.5).float() == y[2000:]).float().mean().item()
        run.log({"epoch_loss": running / 63, "val_acc": acc})
    return acc


PROGRAM = Program(train, causes=("loss_output_mismatch",), by_definition=True)
