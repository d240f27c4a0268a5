"""A small transformer encoder sorts token sequences by which of two word groups prevails."""

import torch
from torch import nn

from ...program import Program

VOCAB, LENGTH = 40, 12


def sentences(n, generator):
    tokens = torch.randint(0, VOCAB, (n, LENGTH), generator=generator)
    third = VOCAB // 4
    counts = torch.stack([((tokens >= k * third) & (tokens < (k + 1) * third)).sum(1) for k in range(4)], 1)
    return tokens, (counts + 0.1 * torch.rand(counts.shape, generator=generator)).argmax(1)


class Classifier(nn.Module):
    def __init__(self, d_model=32, heads=4, layers=2, classes=4):
        super().__init__()
        self.tok = nn.Embedding(VOCAB, d_model)
        self.pos = nn.Parameter(torch.randn(LENGTH, d_model) * 0.02)
        layer = nn.TransformerEncoderLayer(d_model, heads, 64, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, layers)
        self.head = nn.Linear(d_model, classes)

    def forward(self, tokens):
        h = self.encoder(self.tok(tokens) + self.pos)
        return self.head(h.mean(1))


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(100 + seed)
    X, y = sentences(2400, g)
    X_val, y_val = sentences(600, g)
    model = Classifier()
    loss_fn = nn.CrossEntropyLoss()
    opt = torch.optim.AdamW(model.parameters(), lr=5e-2 if sick else 2e-3, weight_decay=0.01)
    run.watch(model, opt, loss_fn)
    step = 0
    for epoch in range(4):
        model.train()
        for idx in torch.randperm(len(X), generator=g).split(32):
            loss = loss_fn(model(X[idx]), y[idx])
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
            if step % 5 == 0:
                run.log({"loss": loss.item()}, step=step)
            step += 1
        model.eval()
        with torch.no_grad():
            out = model(X_val)
            acc = (out.argmax(-1) == y_val).float().mean().item()
            run.log({"val_loss": loss_fn(out, y_val).item(), "val_acc": acc}, step=step)
    return acc


PROGRAM = Program(train, causes=("learning_rate_too_high",))
