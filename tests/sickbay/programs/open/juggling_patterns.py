"""Does a written juggling pattern lean to high throws, to low ones or to neither? A small transformer decides."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program


def patterns(n, g):
    throws = torch.randint(0, 8, (n, 8), generator=g)
    heavy = (throws >= 5).sum(1)
    light = (throws <= 2).sum(1)
    label = torch.where(heavy > light, 2, torch.where(heavy == light, 1, 0))
    return throws, label


class JuggleFormer(nn.Module):
    def __init__(self, dim=32, heads=4, layers=2):
        super().__init__()
        self.token = nn.Embedding(8, dim)
        self.place = nn.Embedding(8, dim)
        block = nn.TransformerEncoderLayer(dim, heads, 2 * dim, dropout=0.0, activation="gelu", batch_first=True)
        self.blocks = nn.TransformerEncoder(block, layers, enable_nested_tensor=False)
        self.head = nn.Linear(dim, 3)

    def forward(self, throws):
        places = torch.arange(throws.shape[1])
        h = self.blocks(self.token(throws) + self.place(places))
        return self.head(h.mean(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    loader = DataLoader(TensorDataset(*patterns(6400, g)), batch_size=64, shuffle=True, drop_last=True)
    x_val, y_val = patterns(700, g)
    model = JuggleFormer()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=0.5 if sick else 1e-5)
    run.watch(model, optimizer, criterion)
    val_acc = 0.0
    for epoch in range(4):
        model.train()
        for throws, label in loader:
            loss = criterion(model(throws), label)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.log({"train_loss": loss.item()})
        model.eval()
        with torch.no_grad():
            logits = model(x_val)
            val_acc = (logits.argmax(1) == y_val).float().mean().item()
        run.log({"val_loss": criterion(logits, y_val).item(), "val_acc": val_acc, "epoch": epoch})
    return val_acc


PROGRAM = Program(train, causes=("over_regularised",))
