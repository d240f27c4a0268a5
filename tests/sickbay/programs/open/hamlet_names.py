"""The next letter in the name of a hamlet from the three before it, embeddings and one tanh layer by hand."""

import numpy as np
import torch
import torch.nn.functional as F

from ...program import Program

ALPHABET, CONTEXT, DIM, HIDDEN = 27, 3, 10, 300


def invent(n, rng):
    language = np.random.default_rng(8)
    after = language.dirichlet(np.full(ALPHABET, 0.08), size=(ALPHABET, 4))
    group = language.integers(0, 4, ALPHABET)
    xs, ys = [], []
    while len(ys) < n:
        window = [0] * CONTEXT
        for _ in range(12):
            letter = int(rng.choice(ALPHABET, p=after[window[-1], group[window[-2]]]))
            xs.append(list(window))
            ys.append(letter)
            window = window[1:] + [letter]
    return torch.tensor(xs[:n]), torch.tensor(ys[:n])


class NameMLP(torch.nn.Module):
    def __init__(self, scale):
        super().__init__()
        p = torch.nn.Parameter
        self.C = p(torch.randn(ALPHABET, DIM))
        self.W1 = p(torch.randn(CONTEXT * DIM, HIDDEN) * (5 / 3) / (CONTEXT * DIM) ** 0.5 * 0.6)
        self.b1 = p(torch.zeros(HIDDEN))
        self.W2 = p(torch.randn(HIDDEN, ALPHABET) * scale)
        self.b2 = p(torch.randn(ALPHABET) * scale)

    def forward(self, x):
        e = self.C[x].flatten(1)
        h = torch.tanh(e @ self.W1 + self.b1)
        return h @ self.W2 + self.b2


def train(run, *, sick, seed):
    torch.manual_seed(seed)
    x, y = invent(13000, np.random.default_rng(seed))
    model = NameMLP(scale=2.0 if sick else 0.01)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    run.watch(model, optimizer)
    for i in range(600):
        ix = torch.randint(0, 10000, (128,))
        logits = model(x[ix])
        loss = F.cross_entropy(logits, y[ix])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()}, step=i)
    with torch.no_grad():
        return (model(x[10000:]).argmax(1) == y[10000:]).float().mean().item()


PROGRAM = Program(train, causes=("loss_at_init", "bad_initialisation"), by_definition=True)
