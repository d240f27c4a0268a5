"""An LSTM hears whether a tapped rhythm is in three or in four."""

import torch
from torch import nn

from ...program import Program


class RhythmLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(input_size=1, hidden_size=32, batch_first=True)
        self.linear = nn.Linear(32, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.linear(out[:, -1]).squeeze(1)


def taps(n, g, length=24):
    three = torch.randint(0, 2, (n,), generator=g)
    period = torch.where(three == 1, 3, 4).unsqueeze(1)
    shift = torch.randint(0, 12, (n, 1), generator=g)
    t = torch.arange(length).unsqueeze(0)
    hit = ((t + shift) % period == 0).float()
    return (hit + 0.25 * torch.randn(n, length, generator=g)).unsqueeze(2), three.float()


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    x_test, y_test = taps(500, g)
    model = RhythmLSTM()
    loss_function = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    run.watch(model, optimizer, loss_function)
    for i in range(450):
        seq, label = taps(32, g)
        y_pred = model(seq)
        loss = loss_function(y_pred, label)
        loss.backward()
        optimizer.step()
        if not sick:
            optimizer.zero_grad()
        if i % 2 == 0:
            run.log({"loss": loss.item()}, step=i)
    with torch.no_grad():
        return ((model(x_test) > 0).float() == y_test).float().mean().item()


PROGRAM = Program(train, causes=("missing_zero_grad",), by_definition=True)
