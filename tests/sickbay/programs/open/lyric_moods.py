"""The mood of a song line: an embedding and a bidirectional LSTM below a linear classifier."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

WORDS = 120
MOODS = 4


def lines(n, g):
    x = torch.randint(0, WORDS, (n, 12), generator=g)
    warm = (x % 10 < 2).sum(1) > (x % 10 > 7).sum(1)
    first = (x[:, :4] < 40).sum(1) > 1
    return x, warm.long() * 2 + first.long()


class MoodNet(nn.Module):
    def __init__(self, cut):
        super().__init__()
        self.embed = nn.Embedding(WORDS, 24)
        self.rnn = nn.LSTM(24, 32, batch_first=True, bidirectional=True)
        self.classify = nn.Linear(64, MOODS)
        self.cut = cut

    def features(self, x):
        out, _ = self.rnn(self.embed(x))
        return out.mean(dim=1)

    def forward(self, x):
        f = self.features(x)
        if self.cut:
            f = f.detach()
        return self.classify(f)


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    train_dl = DataLoader(TensorDataset(*lines(8000, g)), batch_size=64, shuffle=True)
    test_x, test_y = lines(800, g)
    model = MoodNet(cut=sick)
    loss_func = nn.CrossEntropyLoss()
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    run.watch(model, opt, loss_func)
    acc = 0.0
    for epoch in range(5):
        model.train()
        for xb, yb in train_dl:
            loss = loss_func(model(xb), yb)
            loss.backward()
            opt.step()
            opt.zero_grad()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            acc = (model(test_x).argmax(1) == test_y).float().mean().item()
        run.log({"epoch": epoch, "val_acc": acc})
    return acc


PROGRAM = Program(train, causes=("no_gradient",), by_definition=True)
