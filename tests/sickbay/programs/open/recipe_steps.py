"""A small transformer encoder says which dish a list of cooking steps ends in."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ...program import Program

VOCAB, LEN, DISHES = 60, 16, 8


def recipes(rng, n):
    dish = rng.integers(0, DISHES, n)
    steps = rng.integers(DISHES * 3, VOCAB, (n, LEN))
    for k in range(n):
        places = rng.choice(LEN, 4, replace=False)
        steps[k, places] = 3 * dish[k] + rng.integers(0, 3, 4)
        steps[k, rng.choice(LEN, 2, replace=False)] = rng.integers(0, DISHES * 3, 2)
    return torch.tensor(steps), torch.tensor(dish)


class RecipeTransformer(nn.Module):
    def __init__(self, d_model=48, nhead=4, num_layers=2):
        super().__init__()
        self.tok = nn.Embedding(VOCAB, d_model)
        self.pos = nn.Embedding(LEN, d_model)
        layer = nn.TransformerEncoderLayer(d_model, nhead, 96, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers)
        self.cls = nn.Linear(d_model, DISHES)

    def forward(self, ids):
        h = self.tok(ids) + self.pos(torch.arange(ids.size(1)))
        return self.cls(self.encoder(h).mean(dim=1))


def train(run, *, sick, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    x, y = recipes(rng, 2400)
    x_test, y_test = recipes(rng, 500)
    loader = DataLoader(TensorDataset(x, y), batch_size=48, shuffle=True)
    model = RecipeTransformer()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-6 if sick else 1e-3, weight_decay=0.01)
    run.watch(model, optimizer, criterion)
    for epoch in range(5):
        model.train()
        for ids, dish in loader:
            optimizer.zero_grad()
            loss = criterion(model(ids), dish)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
        model.eval()
        with torch.no_grad():
            logits = model(x_test)
        run.log({"eval_loss": criterion(logits, y_test).item()})
    return (logits.argmax(1) == y_test).float().mean().item()


PROGRAM = Program(train, causes=("learning_rate_too_low",))
